"""A mistake in a spec: where it is, what it is, the way out; and how it is shown, in full, as JSON, or as GitHub annotations."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Diagnostic:
    """One mistake. `line` and `column` count from 1; `length` is how many characters the caret underlines.

    `source` is the offending line as it stands in the file, None where there is no file to show.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    message: str
    hint: str | None = None
    source: str | None = None
    length: int = 1

    def to_json(self) -> dict[str, Any]:
        """The keys that `check --format json` promises."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "hint": self.hint,
        }


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By place in the file, errors before warnings at the same place, each only once."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda one: (one.file, one.line, one.column, one.severity, one.code, one.message))


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them for a person, one after the other with a blank line between; ends without a newline."""
    return "\n\n".join(_full(diagnostic) for diagnostic in diagnostics)


def to_json(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """What `check --format json` prints."""
    return {"schema": "cloud-nas/check@1", "diagnostics": [diagnostic.to_json() for diagnostic in diagnostics]}


def to_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Workflow commands that GitHub shows beside the line, one a line; ends without a newline."""
    return "\n".join(_annotation(diagnostic) for diagnostic in diagnostics)


def _full(diagnostic: Diagnostic) -> str:
    head = (
        f"{_printable(diagnostic.file)}:{diagnostic.line}:{diagnostic.column}: "
        f"{diagnostic.severity} {diagnostic.code}: {_printable(diagnostic.message)}"
    )
    lines = [head]
    if diagnostic.source is not None and diagnostic.source.strip():
        lines += _excerpt(diagnostic)
    if diagnostic.hint:
        lines.append(f"  hint: {_printable(diagnostic.hint)}")
    return "\n".join(lines)


def _excerpt(diagnostic: Diagnostic, width: int = 120) -> list[str]:
    """The offending line and a caret under the place; a long line is cut to the part around it."""
    source = _printable((diagnostic.source or "").replace("\t", " "))
    before = min(diagnostic.column - 1, len(source))
    start = max(0, before - width // 2) if len(source) > width else 0
    shown = source[start : start + width]
    lead = "…" if start else ""
    length = max(1, min(diagnostic.length, len(shown) - (before - start)))
    marked = shown[: before - start]
    margin = f"{diagnostic.line:>5} | "
    blank = " " * (len(margin) - 2) + "| "
    under = " " * _columns(lead + marked) + "^" * max(1, _columns(shown[before - start : before - start + length]))
    return [margin + lead + shown.rstrip(), blank + under]


def _columns(text: str) -> int:
    """How many columns of a terminal `text` takes: wide characters two, combining ones none."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _printable(text: str) -> str:
    """`text` on one line; what would move a terminal's cursor, or change its colours, is shown as an escape."""
    return "".join(char if char.isprintable() or char == " " else char.encode("unicode_escape").decode() for char in text)


def _annotation(diagnostic: Diagnostic) -> str:
    message = diagnostic.message if not diagnostic.hint else f"{diagnostic.message}\nhint: {diagnostic.hint}"
    properties = {"file": diagnostic.file, "line": diagnostic.line, "col": diagnostic.column, "title": diagnostic.code}
    pairs = ",".join(f"{key}={_escaped(str(value), properties=True)}" for key, value in properties.items())
    return f"::{diagnostic.severity} {pairs}::{_escaped(message)}"


def _escaped(text: str, *, properties: bool = False) -> str:
    """GitHub's own escapes for the data, and more of them for the properties, of a workflow command."""
    for char, escape in {"%": "%25", "\r": "%0D", "\n": "%0A"}.items():
        text = text.replace(char, escape)
    if properties:
        text = text.replace(":", "%3A").replace(",", "%2C")
    return text
