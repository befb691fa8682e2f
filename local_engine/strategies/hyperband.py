"""Hyperband: many configurations for a few epochs, the best of them for more, in brackets of differing boldness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from local_engine.definition import Goal
from local_engine.errors import StrategyError
from local_engine.strategies import asynchronous
from local_engine.strategies.base import Configuration, Expectation, Nothing, Promotion, Proposal, Strategy, StudyView
from local_engine.strategies.brackets import Bracket, brackets
from local_engine.strategies.drawing import draw
from local_engine.strategies.options import OPTIONS
from local_engine.strategies.rungs import Rungs, promotable, rank

if TYPE_CHECKING:
    from local_engine.study.records import StudySettings


class Hyperband(Strategy):
    """Li et al. 2018 with Keras Tuner's brackets and rungs; a promoted trial keeps its number and goes on from where it stopped.

    Configurations fill the brackets in order, so a trial's bracket follows from its number. A rung's best are promoted as soon as
    it is certain that they are among those that would be when the rung is complete: with one worker after its last trial, with
    several while the last still train. When nothing can be promoted the next bracket is begun. A failed trial fills its place in
    the rung and is never promoted. When the cap on configurations is reached, no bracket gets new ones: what is certain is still
    promoted, and the others stay where they are.

    `asynchronous`: nothing waits for a rung (ASHA, Li et al. 2020). A trial is promoted once it is among the best
    `ended / factor` of its rung, longest trained first; else a new configuration is begun, bracket after bracket; when none is
    left, the best that wait fill the rungs. Rungs hold as many as they do else, so the work is the same, and who is promoted
    depends on who finishes first. A bracket that the cap cuts short has rungs cut in proportion, one trial reaching the last.
    """

    name = "hyperband"
    options_table = OPTIONS["hyperband"]
    uses_rungs = True

    def check(self, settings: StudySettings) -> None:
        """Needs `max_epochs`."""
        if settings.max_epochs is None or settings.max_epochs < 1:
            raise StrategyError("hyperband needs max_epochs, at least 1", hint="Study(..., strategy='hyperband', max_epochs=10)")

    def propose(self, view: StudyView) -> Proposal:
        """A new configuration for the first bracket that is not full, else a promotion; asynchronous, the other way round."""
        if self.options["asynchronous"]:
            return self._propose_asynchronously(view)
        for rungs in self._begun(view):
            configuration = self._configuration(view, rungs)
            if configuration is not None:
                return configuration
            for promotion in self._standing(view, rungs).promotions(view.goal):
                return promotion
        return Nothing(waiting=view.running)

    def settle(self, view: StudyView) -> Mapping[int, Literal["done", "pruned"]]:
        """Those at their bracket's last rung are done; those that a complete rung did not choose are pruned."""
        fates: dict[int, Literal["done", "pruned"]] = {}
        for rungs in self._begun(view):
            if self.options["asynchronous"]:
                fates |= asynchronous.fates(rungs)
            else:
                fates |= self._standing(view, rungs).fates(view.goal)
        return fates

    def stranded(self, view: StudyView) -> frozenset[int]:
        """Those in a bracket that the cap keeps from filling."""
        if not view.full or view.running:
            return frozenset()
        left: set[int] = set()
        for rungs in self._begun(view):
            if rungs.open and not any(self._promotions(view, rungs)):
                left |= {record.number for record in rungs.members if record.paused}
        return frozenset(left)

    def expectation(self, view: StudyView) -> Expectation:
        """One pass over all brackets, less what the cap cuts off."""
        left, trials, epochs = view.settings.trials, 0, 0
        for bracket in self._plan(view):
            if left is not None and left < bracket.sizes[0]:
                return Expectation(trials + left, epochs + self._cut_short(bracket, left).total_epochs)
            left = None if left is None else left - bracket.sizes[0]
            trials, epochs = trials + bracket.sizes[0], epochs + bracket.total_epochs
        return Expectation(trials, epochs)

    def _plan(self, view: StudyView) -> tuple[Bracket, ...]:
        assert view.settings.max_epochs is not None, "check() refuses a study without"
        return brackets(view.settings.max_epochs, self.options["factor"]) * int(self.options["iterations"])

    def _begun(self, view: StudyView) -> Iterator[Rungs]:
        """Each bracket that has begun, and the next one, with its trials."""
        start = 0
        for bracket in self._plan(view):
            members = view.records[start : start + bracket.sizes[0]]
            yield Rungs(bracket, members)
            start += bracket.sizes[0]
            if start > len(view.records):
                return

    def _configuration(self, view: StudyView, rungs: Rungs) -> Configuration | None:
        """A new one for this bracket, where it has a place and the study has one left."""
        params = draw(view) if rungs.open and not view.full else None
        return None if params is None else Configuration(params, rungs.bracket.epochs[0])

    def _propose_asynchronously(self, view: StudyView) -> Proposal:
        begun = [self._as_capped(view, rungs) for rungs in self._begun(view)]
        promotion = asynchronous.promotion(begun, view.goal, self.options["factor"])
        if promotion is not None:
            return promotion
        return self._configuration(view, begun[-1]) or asynchronous.filling(begun, view.goal) or Nothing(waiting=view.running)

    def _promotions(self, view: StudyView, rungs: Rungs) -> Iterator[Promotion]:
        """What may be promoted in a bracket that gets no new configuration."""
        if not self.options["asynchronous"]:
            yield from self._standing(view, rungs).promotions(view.goal)
        elif (promotion := asynchronous.filling([self._as_capped(view, rungs)], view.goal)) is not None:
            yield promotion

    def _as_capped(self, view: StudyView, rungs: Rungs) -> Rungs:
        """The bracket with the room that its rungs have, less where the cap keeps it from filling."""
        if not (view.full and rungs.open and rungs.members):
            return rungs
        return Rungs(rungs.bracket.cut(len(rungs.members), self.options["factor"]), rungs.members)

    def _cut_short(self, bracket: Bracket, starters: int) -> Bracket:
        """What a bracket comes to that no more begin."""
        if self.options["asynchronous"]:
            return bracket.cut(starters, self.options["factor"])
        return Bracket((starters,), bracket.epochs[:1])

    def _standing(self, view: StudyView, rungs: Rungs) -> _Standing:
        """The bracket as it stands; one that a finite space cannot fill is taken to be as large as it came to be."""
        starters = rungs.bracket.sizes[0]
        if rungs.members and rungs.open and not view.full and not view.running and draw(view) is None:
            starters = len(rungs.members)
        return _Standing(rungs.bracket, rungs.members, starters)


@dataclass(frozen=True)
class _Standing(Rungs):
    """The rungs of a bracket, for promotions that are certain. `starters` is how many rung 0 is to hold."""

    starters: int

    def promotions(self, goal: Goal) -> Iterator[Promotion]:
        """For each rung, lowest first, the promotion that is certain now, if there is one."""
        expected = self.starters
        for rung, size in enumerate(self.bracket.sizes[1:]):
            ended, chosen = self.ended(rung), self.entered(rung + 1)
            open_ones = [record for record in ended if record.number not in chosen]
            able = [record for record in open_ones if promotable(record, rung)]
            if able and len(chosen) < size and len(open_ones) > expected - size:
                best = min(able, key=lambda record: rank(goal, record, rung))
                yield Promotion(best.number, self.bracket.epochs[rung + 1])
            expected = self._expected_above(rung, expected, size)

    def fates(self, goal: Goal) -> dict[int, Literal["done", "pruned"]]:
        """What is decided about the paused trials."""
        decided: dict[int, Literal["done", "pruned"]] = {record.number: "done" for record in self.finished()}
        expected = self.starters
        for rung, size in enumerate(self.bracket.sizes[1:]):
            ended, chosen = self.ended(rung), self.entered(rung + 1)
            if len(ended) >= expected:
                able = [record for record in ended if record.number not in chosen and promotable(record, rung)]
                able.sort(key=lambda record: rank(goal, record, rung))
                decided |= {record.number: "pruned" for record in able[max(0, size - len(chosen)) :]}
            expected = self._expected_above(rung, expected, size)
        return decided

    def _expected_above(self, rung: int, expected: int, size: int) -> int:
        """How many the rung above is to hold: its size, or fewer where this one is complete and too many failed."""
        ended = self.ended(rung)
        if len(ended) < expected:
            return size
        chosen = self.entered(rung + 1)
        return min(size, len(chosen) + sum(promotable(record, rung) for record in ended if record.number not in chosen))
