"""A Keras Tuner script's search in the spec's words, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_engine.definition import Goal, Task


@dataclass
class Said:
    """What the user is told: `notes` of choices that were made, `lost` of what cannot be carried; each with its line."""

    script: str
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def note(self, line: int | None, text: str) -> None:
        """A choice that the script leaves open, or that reads otherwise here."""
        self.notes.append(f"{self._place(line)}: {text}")

    def lose(self, line: int | None, what: str, why: str) -> None:
        """Something that the spec cannot say."""
        self.lost.append(f"{self._place(line)}: {what} is not carried: {why}")

    def _place(self, line: int | None) -> str:
        return self.script if line is None else f"{self.script}:{line}"


@dataclass(frozen=True)
class SearchPart:
    """`search:`, `budget:` and what the tuner says of `train:`; trials None: no cap; epochs None: nothing is said."""

    strategy: str
    seed: int
    options: Mapping[str, Any]
    trials: int | None
    epochs: int | None


@dataclass(frozen=True)
class TrainPart:
    """`train:`, less its epochs."""

    batch_size: int | None
    stop_early: Mapping[str, Any] | None
    callbacks: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class ObjectivePart:
    """`objective:`."""

    metric: str
    goal: Goal


@dataclass(frozen=True)
class DataPart:
    """`task:` and `data:`. `content` is the npz file's, None where the script's rows are no arrays."""

    task: Task
    content: bytes | None
    validation: float
    test: float
    stratify: bool
