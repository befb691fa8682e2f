"""How long: `2h`, `90s`, `1h30m`, `1.5h`, or plain seconds."""

from __future__ import annotations

import re

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"

PATTERN = "^(?=.*[1-9])" + "".join(rf"(?:{_NUMBER}{unit})?" for unit in _SECONDS) + "$"
"""What a written duration looks like, longer than nothing; also the JSON Schema's pattern."""

FORM = 'a duration is like "2h", "45m", "90s" or "1h30m", or a number of seconds, and longer than nothing'


def parse_duration(value: object) -> float:
    """Seconds, more than 0.

    Raises:
        ValueError: it is not a duration; the message says what one looks like.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e10:
        return float(value)
    if not isinstance(value, str) or not re.fullmatch(PATTERN, value):
        raise ValueError(FORM)
    return sum(float(count) * _SECONDS[unit] for count, unit in re.findall(rf"({_NUMBER})([dhms])", value))


def format_duration(seconds: float) -> str:
    """The shortest exact writing: `5400` is `1h30m`; what is not whole seconds stays in seconds."""
    if seconds != int(seconds) or seconds <= 0:
        return f"{seconds:g}s"
    left, parts = int(seconds), []
    for unit, length in _SECONDS.items():
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
