"""The contract of a strategy: what it is shown of a study, what it may answer, and what it promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from local_engine.definition import Goal, Value
from local_engine.space.conditions import hold
from local_engine.strategies.options import Option, resolve_with

if TYPE_CHECKING:
    from local_engine.space.flat import Space
    from local_engine.space.parameters import HyperParameter
    from local_engine.study.records import StudySettings, TrialRecord


@dataclass(frozen=True)
class StudyView:
    """All that a strategy may read: the settings, the space as far as it is known, and every trial asked so far, by number."""

    space: Space
    settings: StudySettings
    records: Sequence[TrialRecord]

    @property
    def number(self) -> int:
        """The number that the next configuration gets."""
        return len(self.records)

    @property
    def goal(self) -> Goal:
        """`maximize` or `minimize`."""
        return self.settings.goal

    @property
    def running(self) -> bool:
        """Whether a trial was asked for and is not told yet."""
        return any(record.in_flight for record in self.records)

    @property
    def full(self) -> bool:
        """Whether the cap on configurations is reached."""
        return self.settings.trials is not None and self.number >= self.settings.trials


@dataclass(frozen=True)
class Configuration:
    """A new trial: values of active names only, and the epochs its first turn is to reach (None: the strategy sets none)."""

    params: Mapping[str, Value]
    epochs: int | None = None


@dataclass(frozen=True)
class Promotion:
    """Trial `number`, which waits at a rung, goes on until it has trained `epochs` in all."""

    number: int
    epochs: int


@dataclass(frozen=True)
class Nothing:
    """No trial now. `waiting`: one that is running may bring more, so ask again after the next tell; else the study is over."""

    waiting: bool


Proposal = Configuration | Promotion | Nothing


@dataclass(frozen=True)
class Expectation:
    """How much a whole study will do, as far as can be said before: configurations, and epochs of all together."""

    trials: int | None
    epochs: int | None


class Strategy(ABC):
    """Decides which configuration is tried next, and for how long.

    Promises, held by `local_engine.testing.StrategySuite`:

    - `propose`, `settle` and `stranded` are functions of their view: no state, no clock, no global random numbers. What is
      drawn derives from `(view.settings.seed, view.number)`. An instance may cache, as long as no answer changes; the study
      makes a new instance whenever it is opened.
    - Proposed values lie in the space and are of active names only.
    - It tolerates failed trials, values equal to one another, any number of asks without a tell in between, tells in any order,
      and a space that grows by what building discovers.
    - On a finite space it ends: `propose` answers `Nothing(waiting=False)` at last.

    Only a study calls it, one call at a time, in the process and thread that asks.
    """

    name: ClassVar[str]
    """As in the spec under `search: {strategy: ...}`."""

    options_table: ClassVar[tuple[Option, ...]] = ()
    """The options that the constructor takes."""

    uses_rungs: ClassVar[bool] = False
    """Whether a `done` ends a turn only, and `settle` says when the trial is over."""

    learns: ClassVar[bool] = False
    """Whether what it proposes depends on the values told; only then can it begin from another study's (`settings.prior`)."""

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        """Takes the strategy's options.

        Args:
            options: name -> value; those not given get their defaults.

        Raises:
            StrategyError: an option that does not exist, or a value out of bounds.
            MissingDependencyError: it needs a package that is not installed.
        """
        self.options = resolve_with(self.options_table, options or {}, owner=f"strategy {self.name}")

    def check(self, settings: StudySettings) -> None:  # noqa: B027 - most strategies work under any settings
        """Called once when a study is made or opened.

        Raises:
            StrategyError: the strategy cannot work under these settings.
        """

    @abstractmethod
    def propose(self, view: StudyView) -> Proposal:
        """The next thing to train. A study that is full (`view.full`) must not be given a new `Configuration`."""

    def settle(self, view: StudyView) -> Mapping[int, Literal["done", "pruned"]]:
        """Numbers of paused trials whose fate is decided, and what it is.

        Called after every tell, and when an ask gives nothing.
        """
        return {record.number: "done" for record in view.records if record.paused}

    def stranded(self, view: StudyView) -> frozenset[int]:
        """Numbers of paused trials that nothing will promote under the present cap; a larger cap may yet. Shown as pruned."""
        return frozenset()

    def expectation(self, view: StudyView) -> Expectation:
        """What a study under these settings will do in all."""
        trials, epochs = view.settings.trials, view.settings.max_epochs
        return Expectation(trials, None if trials is None or epochs is None else trials * epochs)


def active_keys(space: Space, values: Mapping[str, Value]) -> dict[str, HyperParameter]:
    """The parameters that are active under `values` and have a value there, by their unique key, each name once."""
    found: dict[str, HyperParameter] = {}
    names = set()
    for parameter, key in zip(space.parameters, space.keys, strict=True):
        if parameter.name in values and parameter.name not in names and hold(parameter.conditions, values):
            found[key] = parameter
            names.add(parameter.name)
    return found


def compose(space: Space, choose: Callable[[str, HyperParameter], Value]) -> dict[str, Value]:
    """A configuration made in the space's order: `choose(key, parameter)` is called for each parameter that is active by then."""
    values: dict[str, Value] = {}
    for parameter, key in zip(space.parameters, space.keys, strict=True):
        if parameter.name not in values and hold(parameter.conditions, values):
            values[parameter.name] = choose(key, parameter)
    return values
