"""Promoting without waiting: a rung's best go on while its others still train or are yet to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from local_engine.definition import Goal
from local_engine.strategies.base import Promotion
from local_engine.strategies.rungs import Rungs, promotable, rank


def promotion(standings: Iterable[Rungs], goal: Goal, factor: int) -> Promotion | None:
    """ASHA's promotion (Li et al. 2020, Algorithm 2): of a trial among the best `ended / factor` of those that ended on its rung.

    Args:
        standings: the brackets begun so far, each with the room that its rungs have.
        goal: which values are better.
        factor: as Hyperband's.

    Returns:
        That of the trial that has trained longest, the best of those; None where there is none.
    """
    return _first(standings, goal, lambda ended: ended // factor)


def filling(standings: Iterable[Rungs], goal: Goal) -> Promotion | None:
    """The best that waits below a rung with room, however many ended beside it: what is left to do when nothing new can begin."""
    return _first(standings, goal, lambda ended: ended)


def fates(standing: Rungs) -> dict[int, Literal["done", "pruned"]]:
    """Those at the last rung are done; those below a rung whose room is taken are pruned."""
    decided: dict[int, Literal["done", "pruned"]] = {record.number: "done" for record in standing.finished()}
    for rung, size in enumerate(standing.bracket.sizes[1:]):
        if len(standing.entered(rung + 1)) >= size:
            decided |= {record.number: "pruned" for record in standing.members if promotable(record, rung)}
    return decided


def _first(standings: Iterable[Rungs], goal: Goal, count: Callable[[int], int]) -> Promotion | None:
    """The promotion to the most epochs; of a trial among the best `count(ended)` of its rung, where the rung above has room."""
    best: Promotion | None = None
    for standing in standings:
        for rung, size in enumerate(standing.bracket.sizes[1:]):
            epochs = standing.bracket.epochs[rung + 1]
            if len(standing.entered(rung + 1)) >= size or (best is not None and epochs <= best.epochs):
                continue
            ended = standing.ended(rung)
            valued = sorted(
                (record for record in ended if record.rungs[rung].value is not None), key=lambda one: rank(goal, one, rung)
            )
            chosen = next((record for record in valued[: count(len(ended))] if promotable(record, rung)), None)
            if chosen is not None:
                best = Promotion(chosen.number, epochs)
    return best
