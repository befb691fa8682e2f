"""What a run is in and how far it has come: words and values that targets report, the registry keeps and operations return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from local_engine.definition import Value
from local_engine.events import TrialState

RunState = Literal["pending", "running", "stopping", "succeeded", "failed", "cancelled", "interrupted"]
"""`interrupted` is a local run without a process, or a cloud run whose submission broke off; it can be resumed."""

RUN_STATES: tuple[RunState, ...] = get_args(RunState)
LIVE: frozenset[RunState] = frozenset({"pending", "running", "stopping"})
"""States in which somebody works at the run, or should."""


@dataclass(frozen=True)
class Best:
    """The best trial so far; `value` is its objective on the validation part."""

    trial: int
    value: float
    params: Mapping[str, Value] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data: `trial`, `value`, `params`."""
        return {"trial": self.trial, "value": self.value, "params": dict(self.params)}


@dataclass(frozen=True)
class TrialCounts:
    """How many trials ended how; `total` is how many there will be, None where only time or epochs end the search."""

    done: int = 0
    failed: int = 0
    pruned: int = 0
    total: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data: `done`, `failed`, `pruned`, `total`."""
        return {"done": self.done, "failed": self.failed, "pruned": self.pruned, "total": self.total}


@dataclass(frozen=True)
class Trial:
    """One configuration. `value` is its objective on the validation part, at its best epoch; `epochs` is all that it trained."""

    number: int
    state: TrialState
    value: float | None
    params: Mapping[str, Value]
    epochs: int | None
    seconds: float | None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The keys that `trials --json` promises of a trial."""
        return vars(self) | {"params": dict(self.params)}


@dataclass(frozen=True)
class Money:
    """An amount; what is not known is None and never 0."""

    amount: float
    currency: str = "USD"

    def to_json(self) -> dict[str, Any]:
        """Plain data: `amount`, `currency`."""
        return {"amount": self.amount, "currency": self.currency}
