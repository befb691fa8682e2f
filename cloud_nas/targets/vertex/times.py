"""Google's moments: RFC 3339 in UTC, with up to nine digits of a second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_DAY = 86400.0


def moment(found: Mapping[str, Any], *keys: str) -> datetime | None:
    """The first of these members that is there."""
    for key in keys:
        text = found.get(key)
        if text:
            return datetime.fromisoformat(str(text))
    return None


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """From `start` to `end`, or to this moment; None where it has not begun."""
    if start is None:
        return None
    return max(0.0, ((end or datetime.now(UTC)) - start).total_seconds())


def is_recent(end: datetime | None, most: float) -> bool:
    """Whether that was less than `most` seconds ago; what is to come, by a clock that is behind, counts for a day at most."""
    return end is not None and -_DAY < (datetime.now(UTC) - end).total_seconds() < most
