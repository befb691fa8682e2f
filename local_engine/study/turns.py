"""What the end of a turn makes of a trial's record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from local_engine.definition import Goal, Value
from local_engine.study.records import Rung, TrialRecord, better

if TYPE_CHECKING:
    from local_engine.space.flat import Space

Told = Literal["done", "pruned", "failed", "preempted"]
"""How a turn can end."""


@dataclass(frozen=True)
class Turn:
    """What a study is told of a turn; see `Study.tell`."""

    value: float | None
    state: Told
    reason: str | None
    params: Mapping[str, Value]
    epochs: int | None
    seconds: float


def ended(record: TrialRecord, turn: Turn, space: Space, goal: Goal, rungs: bool) -> TrialRecord:
    """The record after `turn`.

    Args:
        record: the trial as it was while the turn ran.
        turn: what was told.
        space: the study's space, with what the turn discovered.
        goal: which of two rungs' values is the trial's.
        rungs: whether the strategy trains in rungs.
    """
    value, state, reason = _judged(turn)
    failed = state in ("failed", "preempted")
    if rungs:
        record = replace(record, rungs=(*record.rungs, Rung(record.target or 0, value)))
    if not failed and record.value is not None and (value is None or not better(goal, value, record.value)):
        value = record.value
    return replace(
        record,
        value=value,
        state="running" if state == "done" else state,
        turn_over=True,
        reason=reason,
        params=_joined(record.params, turn.params, space),
        epochs=(record.target or 0) if turn.epochs is None else turn.epochs,
        seconds=record.seconds + turn.seconds,
    )


def plain(value: Any) -> Value:
    """A NumPy scalar as the Python value it stands for."""
    python: Value = value.item() if hasattr(value, "item") else value
    return python


def _judged(turn: Turn) -> tuple[float | None, Told, str | None]:
    """Value, state and reason, where a value that is no number fails the trial."""
    if turn.state in ("failed", "preempted") or turn.value is None:
        return None, turn.state, turn.reason
    value = float(turn.value)
    if math.isfinite(value):
        return value, turn.state, turn.reason
    return None, "failed", f"the objective is {'nan' if math.isnan(value) else 'inf' if value > 0 else '-inf'}"


def _joined(asked: Mapping[str, Value], found: Mapping[str, Value], space: Space) -> dict[str, Value]:
    """The values asked with and, of those found while building, the new ones; less what the space says is not active."""
    params = {**{name: plain(value) for name, value in found.items()}, **asked}
    active = {parameter.name for parameter in space.active(params)}
    known = {parameter.name for parameter in space.parameters}
    return {name: value for name, value in params.items() if name in active or name in asked or name not in known}
