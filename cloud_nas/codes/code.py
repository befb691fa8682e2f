"""One code: what it is called, what it means, and by example."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """`bad` has the mistake, `good` has not; both may be empty where a code is not about a text."""

    code: str
    title: str
    text: str
    bad: str = ""
    good: str = ""
    severity: str = "error"

    def explained(self) -> str:
        """For a terminal; ends without a newline."""
        parts = [f"{self.code} ({self.severity}): {self.title}", textwrap.fill(self.text, 100)]
        if self.bad:
            parts.append("Has it:\n\n" + textwrap.indent(self.bad, "    "))
        if self.good:
            parts.append("Has it not:\n\n" + textwrap.indent(self.good, "    "))
        return "\n\n".join(parts)
