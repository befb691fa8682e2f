"""One line of the doctor's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What was looked at, and how it stands.

    Args:
        name: What was looked at, in a word or three: `python`, `memory`.
        ok: Whether it works; None for a fact that is neither good nor bad.
        text: How it stands, in one line.
        hint: What mends it, the command where there is one; None where nothing needs mending.
    """

    name: str
    ok: bool | None
    text: str
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"name": self.name, "ok": self.ok, "text": self.text, "hint": self.hint}
