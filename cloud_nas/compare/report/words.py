"""Numbers and times as a reader wants them."""

from __future__ import annotations

import math
from typing import Any


def number(value: float | None, digits: int = 4) -> str:
    """So many digits after the point, or as many significant ones where that would show nothing; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value and (abs(value) < 10**-digits * 10 or abs(value) >= 1e6):
        return f"{value:.{digits}g}"
    return f"{value:.{digits}f}"


def given(value: Any) -> str:
    """A hyperparameter's value, short but recognisable; nothing for None."""
    return "" if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)


def tick(value: float, step: float) -> str:
    """A round number on an axis, with the digits that its neighbours differ in."""
    if abs(value) >= 1e5 or (value and step < 1e-4):
        return f"{value:.3g}"
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"


def duration(seconds: float) -> str:
    """`2.1 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def moment(text: str) -> str:
    """An ISO 8601 time in UTC, for reading."""
    return text.replace("T", " ").replace("Z", " UTC")


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
