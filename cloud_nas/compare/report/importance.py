"""Which hyperparameters mattered: functional ANOVA over a random forest (Hutter et al. 2014), by Optuna."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cloud_nas.compare.report.contents import Importance, ReportTrial, is_finite
from local_engine.definition import Goal

if TYPE_CHECKING:
    from local_engine.space.flat import Space

FEWEST = 8
"""With fewer trials the forest tells more of chance than of the hyperparameters."""

SEED = 0
MOST = 1000
DEPTH = 6
"""The latest trials that are looked at, and how deep a tree may grow: the time grows with the leaves. Trees without a bound
took 36 s for 500 trials of 20 hyperparameters, these 2 s, and the shares were the same."""


def importance(space: Space, trials: Sequence[ReportTrial], goal: Goal) -> Importance:
    """How much of the objective's variance each hyperparameter accounts for.

    Where trials were cut short, all are compared at the last epoch that each of them reached: a value after nine epochs against
    one after a single epoch would tell of the epochs.

    Args:
        space: the distributions come from it.
        trials: of the run.
        goal: of its objective.
    """
    measured, basis = _measured(trials, goal)
    if len(measured) < FEWEST:
        return _untold(f"needs {FEWEST} trials with a value, and there are {len(measured)}")
    if len({value for _, value in measured}) == 1:
        return _untold("all trials have the same value, so nothing made a difference")
    study = _study(space, measured[-MOST:], goal)
    common, partly = _names(study.trials)
    left_out = f" Left out, since only some trials have it: {', '.join(sorted(partly))}." if partly else ""
    if not common:
        return _untold(f"no hyperparameter had more than one value among trials that all share it.{left_out}".removesuffix("."))
    try:
        shares = _told(study, common)
    except (RuntimeError, ValueError) as error:
        return _untold(str(error).splitlines()[0])
    text = f"Functional ANOVA over {len(study.trials)} trials, {basis}; interactions between hyperparameters are left out."
    return Importance(shares, text + left_out)


def _untold(reason: str) -> Importance:
    return Importance({}, f"It cannot be told: {reason}.")


def _measured(trials: Sequence[ReportTrial], goal: Goal) -> tuple[list[tuple[ReportTrial, float]], str]:
    """The trials that can be compared, each with the value to compare, and what that is."""
    ended = [trial for trial in trials if trial.state in ("done", "pruned") and is_finite(trial.value)]
    series = [trial.series("value") for trial in ended]
    if any(trial.state == "pruned" for trial in ended) and all(series):
        last = min(points[-1][0] for points in series)
        best = max if goal == "maximize" else min
        values = [best(value for epoch, value in points if epoch <= last or points[0][0] > last) for points in series]
        return list(
            zip(ended, values, strict=True)
        ), f"by their objective within {last} epoch{'s' * (last != 1)}, which all reached"
    whole = [(trial, float(trial.value)) for trial in ended if trial.state == "done" and trial.value is not None]
    return whole, "by their objective"


def _study(space: Space, measured: Sequence[tuple[ReportTrial, float]], goal: Goal) -> Any:
    """The trials as Optuna's evaluator wants them."""
    import optuna

    from local_engine.strategies.base import active_keys
    from local_engine.strategies.distributions import holds, recorded

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(direction=goal)
    finally:
        optuna.logging.set_verbosity(before)
    for trial, value in measured:
        params, distributions = {}, {}
        for key, parameter in active_keys(space, trial.params).items():
            distribution, given = recorded(parameter), trial.params[parameter.name]
            if distribution is not None and holds(distribution, given):
                params[key], distributions[key] = given, distribution
        study.add_trial(optuna.trial.create_trial(value=value, params=params, distributions=distributions))
    return study


def _names(trials: Sequence[Any]) -> tuple[list[str], set[str]]:
    """The hyperparameters that all trials have and that varied; and those that only some have."""
    everywhere = set.intersection(*(set(trial.params) for trial in trials))
    anywhere = {name for trial in trials for name in trial.params}
    varied = [name for name in everywhere if len({trial.params[name] for trial in trials}) > 1]
    return sorted(varied), anywhere - everywhere


def _told(study: Any, names: list[str]) -> dict[str, float]:
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(max_depth=DEPTH, seed=SEED), params=names)
    return {name: float(share) for name, share in sorted(found.items(), key=lambda item: (-item[1], item[0]))}
