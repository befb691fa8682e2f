"""What makes two runs the same run: the spec less budget, name and targets; the code; the data; the target."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_engine.files import sha256_of


@dataclass(frozen=True)
class Identity:
    """Four facts about a run.

    `spec` is the sha256 of the canonical spec less budget, name and targets; `code` that of the code that travels; `data` the
    data set's fingerprint; `target` a target's name.
    """

    spec: str
    code: str
    data: str
    target: str

    def sha256(self) -> str:
        """One hash for all four, as hexadecimal."""
        return _sha256(dataclasses.asdict(self))

    def to_tag(self) -> str:
        """All but the target in one word of at most 256 characters, as a job's tags can have it."""
        return f"{self.spec}.{self.code}.{self.data}"

    @classmethod
    def from_tag(cls, tag: str, target: str) -> Identity:
        """The identity that `to_tag` wrote; of a tag that is none, one that is like no other."""
        parts = tag.split(".")
        spec, code, data = parts if len(parts) == 3 else (tag, "unknown", "unknown")
        return cls(spec, code, data, target)

    def differences(self, other: Identity) -> tuple[str, ...]:
        """The names of the facts in which the two differ, in order: `spec`, `code`, `data`, `target`."""
        return tuple(item.name for item in dataclasses.fields(self) if getattr(self, item.name) != getattr(other, item.name))


def code_sha256(model: str, files: Iterable[tuple[str, Path]]) -> str:
    """The sha256 of all code that a trial runs.

    Args:
        model: the sha256 of the model's function and of what it imports.
        files: what else there is: name as it travels, and where the file is; the order does not matter.
    """
    return _sha256({"model": model, "files": sorted((name, sha256_of(path)) for name, path in files)})


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
