"""Hyperband: many configurations for a few epochs, the best of them for more, in brackets of differing boldness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from local_engine.definition import Goal
from local_engine.errors import StrategyError
from local_engine.strategies.base import Configuration, Expectation, Nothing, Promotion, Proposal, Strategy, StudyView
from local_engine.strategies.brackets import Bracket, brackets
from local_engine.strategies.drawing import draw
from local_engine.strategies.options import OPTIONS

if TYPE_CHECKING:
    from local_engine.study.records import StudySettings, TrialRecord


class Hyperband(Strategy):
    """Li et al. 2018 with Keras Tuner's brackets and rungs; a promoted trial keeps its number and goes on from where it stopped.

    Configurations fill the brackets in order, so a trial's bracket follows from its number. A rung's best are promoted as soon as
    it is certain that they are among those that would be when the rung is complete: with one worker after its last trial, with
    several while the last still train. When nothing can be promoted the next bracket is begun. A failed trial fills its place in
    the rung and is never promoted. When the cap on configurations is reached, no bracket gets new ones: what is certain is still
    promoted, and the others stay where they are.
    """

    name = "hyperband"
    options_table = OPTIONS["hyperband"]
    uses_rungs = True

    def check(self, settings: StudySettings) -> None:
        """Needs `max_epochs`."""
        if settings.max_epochs is None or settings.max_epochs < 1:
            raise StrategyError("hyperband needs max_epochs, at least 1", hint="Study(..., strategy='hyperband', max_epochs=10)")

    def propose(self, view: StudyView) -> Proposal:
        """A new configuration for the first bracket that is not full, else the next promotion."""
        for bracket, members in self._brackets(view):
            if len(members) < bracket.sizes[0]:
                params = None if view.full else draw(view)
                if params is not None:
                    return Configuration(params, bracket.epochs[0])
            for promotion in self._standing(view, bracket, members).promotions(view.goal):
                return promotion
        return Nothing(waiting=view.running)

    def settle(self, view: StudyView) -> Mapping[int, Literal["done", "pruned"]]:
        """Those at their bracket's last rung are done; those that a complete rung did not choose are pruned."""
        fates: dict[int, Literal["done", "pruned"]] = {}
        for bracket, members in self._brackets(view):
            fates |= self._standing(view, bracket, members).fates(view.goal)
        return fates

    def stranded(self, view: StudyView) -> frozenset[int]:
        """Those in a bracket that the cap keeps from filling."""
        if not view.full or view.running:
            return frozenset()
        left: set[int] = set()
        for bracket, members in self._brackets(view):
            if len(members) < bracket.sizes[0] and not any(self._standing(view, bracket, members).promotions(view.goal)):
                left |= {record.number for record in members if record.paused}
        return frozenset(left)

    def expectation(self, view: StudyView) -> Expectation:
        """One pass over all brackets, less what the cap cuts off."""
        left, trials, epochs = view.settings.trials, 0, 0
        for bracket in self._plan(view):
            if left is not None and left < bracket.sizes[0]:
                return Expectation(trials + left, epochs + left * bracket.epochs[0])
            left = None if left is None else left - bracket.sizes[0]
            trials, epochs = trials + bracket.sizes[0], epochs + bracket.total_epochs
        return Expectation(trials, epochs)

    def _plan(self, view: StudyView) -> tuple[Bracket, ...]:
        assert view.settings.max_epochs is not None, "check() refuses a study without"
        return brackets(view.settings.max_epochs, self.options["factor"]) * int(self.options["iterations"])

    def _brackets(self, view: StudyView) -> Iterator[tuple[Bracket, Sequence[TrialRecord]]]:
        """Each bracket that has begun, and the next one, with its trials."""
        start = 0
        for bracket in self._plan(view):
            members = view.records[start : start + bracket.sizes[0]]
            yield bracket, members
            start += bracket.sizes[0]
            if start > len(view.records):
                return

    def _standing(self, view: StudyView, bracket: Bracket, members: Sequence[TrialRecord]) -> _Standing:
        """The bracket as it stands; one that a finite space cannot fill is taken to be as large as it came to be."""
        starters = bracket.sizes[0]
        if 0 < len(members) < starters and not view.full and not view.running and draw(view) is None:
            starters = len(members)
        return _Standing(bracket, members, starters)


@dataclass(frozen=True)
class _Standing:
    """A bracket's trials on its rungs. `starters` is how many rung 0 is to hold."""

    bracket: Bracket
    members: Sequence[TrialRecord]
    starters: int

    def promotions(self, goal: Goal) -> Iterator[Promotion]:
        """For each rung, lowest first, the promotion that is certain now, if there is one."""
        expected = self.starters
        for rung, size in enumerate(self.bracket.sizes[1:]):
            ended, chosen = self._ended(rung), self._entered(rung + 1)
            open_ones = [record for record in ended if record.number not in chosen]
            able = [record for record in open_ones if _promotable(record, rung)]
            if able and len(chosen) < size and len(open_ones) > expected - size:
                best = min(able, key=lambda record: _rank(goal, record, rung))
                yield Promotion(best.number, self.bracket.epochs[rung + 1])
            expected = self._expected_above(rung, expected, size)

    def fates(self, goal: Goal) -> dict[int, Literal["done", "pruned"]]:
        """What is decided about the paused trials."""
        last = len(self.bracket.sizes) - 1
        decided: dict[int, Literal["done", "pruned"]] = {
            record.number: "done" for record in self.members if record.paused and len(record.rungs) == last + 1
        }
        expected = self.starters
        for rung, size in enumerate(self.bracket.sizes[1:]):
            ended, chosen = self._ended(rung), self._entered(rung + 1)
            if len(ended) >= expected:
                able = [record for record in ended if record.number not in chosen and _promotable(record, rung)]
                able.sort(key=lambda record: _rank(goal, record, rung))
                decided |= {record.number: "pruned" for record in able[max(0, size - len(chosen)) :]}
            expected = self._expected_above(rung, expected, size)
        return decided

    def _expected_above(self, rung: int, expected: int, size: int) -> int:
        """How many the rung above is to hold: its size, or fewer where this one is complete and too many failed."""
        ended = self._ended(rung)
        if len(ended) < expected:
            return size
        chosen = self._entered(rung + 1)
        return min(size, len(chosen) + sum(_promotable(record, rung) for record in ended if record.number not in chosen))

    def _ended(self, rung: int) -> list[TrialRecord]:
        """Trials whose turn on `rung` is over, failed ones too."""
        return [record for record in self.members if len(record.rungs) > rung]

    def _entered(self, rung: int) -> set[int]:
        """Numbers of the trials that began `rung`."""
        return {record.number for record in self.members if len(record.rungs) + record.in_flight > rung}


def _promotable(record: TrialRecord, rung: int) -> bool:
    """Whether the trial waits at `rung` with a value."""
    return record.paused and len(record.rungs) == rung + 1 and record.rungs[rung].value is not None


def _rank(goal: Goal, record: TrialRecord, rung: int) -> tuple[float, int]:
    """A sort key: the better value on `rung` first, ties by the lower number."""
    value = record.rungs[rung].value
    assert value is not None, "only promotable trials are ranked"
    return (-value if goal == "maximize" else value, record.number)
