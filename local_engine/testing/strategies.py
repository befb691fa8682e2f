"""What any strategy must hold, as tests. Subclass `StrategySuite` under a name that begins with `Test`, and let pytest find it.

    class TestRandom(StrategySuite):
        strategy = "random"

For a strategy of one's own override `make` and `reopen`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from local_engine.definition import Value
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int
from local_engine.study import Study, StudyTrial

Turn = tuple[int, dict[str, Value], int | None, int]
"""Number, params, epochs and first epoch of a turn: what two studies are compared by."""


def conditional_space() -> Space:
    """Every kind of hyperparameter, and conditions two deep; infinite."""
    sgd, deep = Parent("optimizer", ["sgd"]), Parent("layers", [2, 3])
    return Space(
        (
            Choice("optimizer", ["sgd", "adam"]),
            Float("momentum", 0.0, 0.9, step=0.3, conditions=[sgd]),
            Boolean("nesterov", conditions=[sgd]),
            Float("rate", 1e-4, 1e-1, sampling="log"),
            Float("decay", 0.9, 0.999, sampling="reverse_log"),
            Int("layers", 1, 3),
            Int("units_0", 16, 512, step=2, sampling="log"),
            Int("units_1", 16, 512, sampling="log", conditions=[deep]),
            Choice("kernel", [7, 3, 5], conditions=[deep]),
            Fixed("classes", 10),
        )
    )


def finite_space() -> Space:
    """Seven configurations."""
    return Space(
        (
            Choice("kind", ["a", "b", "c"]),
            Int("size", 1, 3, conditions=[Parent("kind", ["a"])]),
            Boolean("flag", conditions=[Parent("kind", ["b"])]),
            Float("share", 0.0, 0.5, step=0.5, conditions=[Parent("kind", ["c"])]),
        )
    )


def objective(params: Mapping[str, Value]) -> float:
    """A number in [0, 1) that depends on all of `params`, the same on every machine."""
    return random.Random(repr(sorted(params.items()))).random()


def finish(study: Study, turns: int = 400) -> list[Turn]:
    """Asks and tells in turn until the study gives nothing; what it asked for.

    Raises:
        AssertionError: it did not end within so many turns.
    """
    asked: list[Turn] = []
    for _ in range(turns):
        trial = study.ask()
        if trial is None:
            assert not study.waiting, "nothing is running, so there is nothing to wait for"
            return asked
        asked.append(turn_of(trial))
        study.tell(trial, objective(trial.params))
    raise AssertionError(f"the study did not end within {turns} turns")


def turn_of(trial: StudyTrial) -> Turn:
    """What a turn is compared by."""
    return trial.number, dict(trial.params), trial.epochs, trial.first_epoch


class StrategySuite:
    """The promises of `local_engine.strategies.base.Strategy`."""

    strategy: ClassVar[str] = ""
    """Its name."""
    options: ClassVar[Mapping[str, Any]] = {}
    """Its options."""
    max_epochs: ClassVar[int | None] = 4
    """The epochs of a trial; small, so that Hyperband's brackets are."""

    def make(self, space: Space, *, seed: int = 0, storage: Path | None = None, trials: int | None = None) -> Study:
        """A new study under the strategy."""
        return Study(space, self.strategy, seed=seed, storage=storage, trials=trials, max_epochs=self.max_epochs, **self.options)

    def reopen(self, storage: Path) -> Study:
        """The study that `make` left in `storage`."""
        return Study.open(storage)

    def test_the_same_seed_asks_for_the_same(self) -> None:
        """Determinism."""
        first, again = (finish(self.make(conditional_space(), seed=3, trials=14)) for _ in range(2))
        assert first == again

    def test_a_study_reopened_after_every_step_goes_on_as_an_undisturbed_one(self, tmp_path: Path) -> None:
        """Nothing that matters lives outside the storage."""
        undisturbed = list(self._steps(self.make(conditional_space(), seed=5, trials=16)))
        path = tmp_path / "study.sqlite3"
        self.make(conditional_space(), seed=5, storage=path, trials=16).close()
        steps = _script()
        disturbed: list[Turn | None] = []
        for step in steps:
            with self.reopen(path) as study:
                disturbed += self._steps(study, [step])
        assert disturbed == undisturbed

    def test_values_are_of_active_names_and_inside_the_space(self) -> None:
        """What is asked for can be built."""
        space = conditional_space()
        for _, params, _, _ in finish(self.make(space, trials=20)):
            active = space.active(params)
            assert list(params) == [parameter.name for parameter in active]
            assert all(_inside(parameter, params[parameter.name]) for parameter in active)

    def test_a_finite_space_ends_and_nothing_in_it_is_tried_twice(self) -> None:
        """A study over it gives nothing at last, without a cap."""
        space = finite_space()
        asked = finish(self.make(space))
        tried = {number: tuple(params.items()) for number, params, _, _ in asked}
        assert len(set(tried.values())) == len(tried) <= (space.size() or 0)

    def test_the_cap_counts_configurations(self) -> None:
        """No more are made, whatever becomes of them."""
        assert {number for number, *_ in finish(self.make(conditional_space(), trials=5))} <= set(range(5))

    def test_failed_trials_do_not_stop_it(self) -> None:
        """Every second turn fails, some with a value that is no number; the study ends, and its best is a trial that worked."""
        study = self.make(conditional_space(), trials=18)
        for turn in range(200):
            trial = study.ask()
            if trial is None:
                break
            if turn % 4 == 1:
                study.tell(trial, state="failed", reason="out of memory")
            elif turn % 4 == 3:
                study.tell(trial, float("nan"))
            else:
                study.tell(trial, objective(trial.params))
        assert study.ask() is None and not study.waiting
        assert {record.state for record in study.trials} <= {"done", "pruned", "failed"}
        assert study.best is not None and study.best.state != "failed"

    def test_all_trials_may_fail(self) -> None:
        """The study ends without a best."""
        study = self.make(finite_space(), trials=12)
        while (trial := study.ask()) is not None:
            study.tell(trial, state="failed", reason="no luck")
        assert not study.waiting and study.best is None

    def test_asks_without_a_tell_between_give_different_trials(self) -> None:
        """Several workers at once: each turn is given out once, and told in any order the study ends."""
        study = self.make(conditional_space(), trials=12)
        for turns in range(200):
            while len(study.running) < 4 and study.ask() is not None:
                pass
            running = study.running
            assert len({trial.number for trial in running}) == len(running)
            if not running:
                break
            chosen = running[turns % len(running)]
            study.tell(chosen, objective(chosen.params))
        assert study.ask() is None and not study.waiting
        assert len({tuple(record.params.items()) for record in study.trials}) == len(study.trials)

    def test_what_building_discovers_joins_the_space(self) -> None:
        """New hyperparameters are searched from then on."""
        study = self.make(Space.from_choices({"a": ["x", "y", "z"]}), trials=8)
        grown = Space.from_choices({"a": ["x", "y", "z"], "b": ["u", "v", "w"]})
        while (trial := study.ask()) is not None:
            params = {"b": "u", **trial.params}
            study.tell(trial, objective(params), params=params, space=grown)
        assert study.space == grown
        assert all(set(record.params) == {"a", "b"} for record in study.trials)
        assert {record.params["b"] for record in study.trials} > {"u"}

    def _steps(self, study: Study, script: list[tuple[str, int]] | None = None) -> Iterator[Turn | None]:
        """Plays a script; yields what each ask gave."""
        for step, which in _script() if script is None else script:
            if step == "ask":
                trial = study.ask()
                yield None if trial is None else turn_of(trial)
            elif running := study.running:
                chosen = running[which % len(running)]
                if which % 5 == 4:
                    study.tell(chosen, state="failed", reason="by the script")
                else:
                    study.tell(chosen, objective(chosen.params))


def _script() -> list[tuple[str, int]]:
    """Asks and tells as two or three workers would make them."""
    generator = random.Random(11)
    return [(generator.choice(("ask", "tell")), generator.randrange(10)) for _ in range(32)]


def _inside(parameter: HyperParameter, value: Value) -> bool:
    """Whether `parameter` can have `value`."""
    if isinstance(parameter, Int | Float) and parameter.step is None:
        return bool(parameter.min_value <= value <= parameter.max_value) and type(value) is type(parameter.min_value)
    return value in list(parameter.values)
