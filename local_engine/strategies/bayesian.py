"""Bayesian optimisation: a surrogate of the objective, learnt from the trials so far, proposes the next one."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from local_engine.definition import Prior, Value
from local_engine.errors import MissingDependencyError
from local_engine.seeds import derive
from local_engine.strategies.base import Configuration, Nothing, Proposal, Strategy, StudyView, active_keys, compose
from local_engine.strategies.distributions import Modelled, holds, modelled
from local_engine.strategies.drawing import draw, freeze, tried_values
from local_engine.strategies.options import OPTIONS
from local_engine.strategies.prior import fitting

if TYPE_CHECKING:
    import optuna

    from local_engine.space.parameters import HyperParameter
    from local_engine.study.records import TrialRecord

ATTEMPTS = 4
"""How many proposals may repeat a known configuration before a random one is taken instead."""


class BayesianSearch(Strategy):
    """Tree-structured Parzen estimators (Bergstra et al. 2011) or a Gaussian process, both Optuna's.

    The surrogate is learnt anew at every ask, in memory, from the study's records alone, with a seed of the trial's own: nothing
    of Optuna's state has to survive for a resumed study to go on as an undisturbed one. The first `startup_trials` are random.
    Trials that are running count as bad ones, so that parallel asks spread. The Gaussian process models what every trial has;
    conditional hyperparameters are random under it.

    Trials of another study (`settings.prior`) teach it as its own do, as far as they fit the space; the Gaussian process takes
    only those that have a value for everything. They may be proposed again, since this study has no model of them.
    """

    name = "bayesian"
    options_table = OPTIONS["bayesian"]
    learns = True

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        """Takes `surrogate` and `startup_trials`.

        Raises:
            StrategyError: an option that does not exist, or a value out of bounds.
            MissingDependencyError: `surrogate` is `gp` and torch is not installed.
        """
        super().__init__(options)
        if self.options["surrogate"] == "gp" and importlib.util.find_spec("torch") is None:
            raise MissingDependencyError("the surrogate gp needs torch", hint='pip install "cloud-nas[gp]"')

    def propose(self, view: StudyView) -> Proposal:
        """A configuration not asked before."""
        if view.full:
            return Nothing(waiting=False)
        prior = fitting(view.space, view.settings.prior, whole=self.options["surrogate"] == "gp")
        seen = len(prior) + sum(record.counts for record in view.records)
        params = self._modelled(view, prior) if seen >= self.options["startup_trials"] else None
        params = draw(view) if params is None else params
        return Nothing(waiting=view.running) if params is None else Configuration(params, view.settings.max_epochs)

    def _modelled(self, view: StudyView, prior: Sequence[Prior]) -> dict[str, Value] | None:
        """What the surrogate proposes; None where it only repeats what is known."""
        mirror = _Mirror(view, prior)
        known = tried_values(view)
        for attempt in range(ATTEMPTS):
            seed = derive(view.settings.seed, view.number, self.options["surrogate"], attempt)
            params = mirror.ask(self._sampler(seed))
            if freeze(params) not in known:
                return params
        return None

    def _sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        import optuna

        if self.options["surrogate"] == "gp":
            return optuna.samplers.GPSampler(seed=seed, n_startup_trials=1, warn_independent_sampling=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.samplers.TPESampler(seed=seed, n_startup_trials=1, multivariate=True, group=True)


class _Mirror:
    """An Optuna study in memory that holds what a view holds, as a surrogate sees it; what is known from before comes first."""

    def __init__(self, view: StudyView, prior: Sequence[Prior]) -> None:
        import optuna
        from optuna.study import StudyDirection

        logging.getLogger("optuna.storages").setLevel(logging.WARNING)
        self._optuna = optuna
        self._space = view.space
        self._models = {key: modelled(parameter) for parameter, key in zip(view.space.parameters, view.space.keys, strict=True)}
        self._trials = [self._frozen(one.params, optuna.trial.TrialState.COMPLETE, one.value) for one in prior]
        self._trials += [self._of_record(record) for record in view.records]
        self._direction = StudyDirection.MAXIMIZE if view.goal == "maximize" else StudyDirection.MINIMIZE

    def ask(self, sampler: optuna.samplers.BaseSampler) -> dict[str, Value]:
        """The next configuration that `sampler` proposes, hyperparameter by hyperparameter down the space."""
        storage = self._optuna.storages.InMemoryStorage()
        study_id = storage.create_new_study([self._direction], "mirror")
        for trial in self._trials:
            storage.create_new_trial(study_id, trial)
        asked = self._optuna.load_study(study_name="mirror", storage=storage, sampler=sampler).ask()

        def choose(key: str, parameter: HyperParameter) -> Value:
            model = self._models[key]
            return parameter.default if model is None else model.decode(_suggest(asked, key, model))

        return compose(self._space, choose)

    def _of_record(self, record: TrialRecord) -> optuna.trial.FrozenTrial:
        states = self._optuna.trial.TrialState
        if record.in_flight:
            return self._frozen(record.params, states.RUNNING, None)
        return self._frozen(
            record.params, states.COMPLETE if record.counts else states.FAIL, record.value if record.counts else None
        )

    def _frozen(
        self, values: Mapping[str, Value], state: optuna.trial.TrialState, value: float | None
    ) -> optuna.trial.FrozenTrial:
        params, distributions = {}, {}
        for key, parameter in active_keys(self._space, values).items():
            model = self._models[key]
            encoded = None if model is None else _encoded(model, values[parameter.name])
            if model is not None and encoded is not None:
                params[key], distributions[key] = encoded, model.distribution
        return self._optuna.trial.FrozenTrial(
            number=0,  # the storage numbers them as they come
            trial_id=-1,
            state=state,
            value=value,
            datetime_start=None,
            datetime_complete=None,
            params=params,
            distributions=distributions,
            user_attrs={},
            system_attrs={},
            intermediate_values={},
        )


def _encoded(model: Modelled, value: Value) -> Any:
    """The value as the surrogate sees it; None where the builder forced one that its distribution does not hold."""
    try:
        encoded = model.encode(value)
    except (KeyError, ValueError):
        return None
    return encoded if holds(model.distribution, encoded) else None


def _suggest(trial: optuna.Trial, key: str, model: Modelled) -> Any:
    """Asks the sampler for one value."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    distribution = model.distribution
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(key, distribution.choices)
    if isinstance(distribution, FloatDistribution):
        return trial.suggest_float(key, distribution.low, distribution.high, log=distribution.log)
    assert isinstance(distribution, IntDistribution)
    return trial.suggest_int(key, distribution.low, distribution.high, step=distribution.step, log=distribution.log)
