"""Lists as SageMaker gives them: sorted, bounded by time, cut into pages, and only then filtered."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cloud_nas.rehearse.aws.errors import invalid

DEFAULT_PAGE = 10


def page(
    jobs: Iterable[Any],
    body: Mapping[str, Any],
    *,
    status: Callable[[Any], str],
    keys: Mapping[str, Callable[[Any], Any]] | None = None,
    default_order: str = "Descending",
) -> tuple[list[Any], str | None]:
    """One page of jobs and the token of the next.

    NameContains and StatusEquals are applied to the page that was cut before, so that it can be empty while there are more.
    """
    sort = body.get("SortBy", "CreationTime")
    by: dict[str, Callable[[Any], Any]] = {
        "CreationTime": lambda job: job.created,
        "Name": lambda job: job.name,
        "Status": status,
        **(keys or {}),
    }
    if sort not in by:
        raise invalid(f"cannot sort by {sort}")
    bounded = [job for job in jobs if _within(job, body)]
    found = sorted(bounded, key=by[sort], reverse=body.get("SortOrder", default_order) == "Descending")
    cut, token = take(found, body)
    named = [job for job in cut if body.get("NameContains", "").lower() in job.name.lower()]
    wanted = body.get("StatusEquals")
    return [job for job in named if wanted is None or status(job) == wanted], token


def take(items: Sequence[Any], body: Mapping[str, Any], default: int = DEFAULT_PAGE) -> tuple[list[Any], str | None]:
    """The items of a page, and the token of the next (None: this was the last)."""
    size = body.get("MaxResults", default)
    start = _offset(body.get("NextToken"))
    following = start + size
    token = base64.urlsafe_b64encode(f"page-{following}".encode()).decode() if following < len(items) else None
    return list(items[start:following]), token


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("page-"))
    except ValueError:
        raise invalid("Invalid NextToken") from None


def _within(job: Any, body: Mapping[str, Any]) -> bool:
    for key, attribute in (("CreationTime", "created"), ("LastModifiedTime", "modified")):
        at = getattr(job, attribute, None)
        after, before = _seconds(body.get(f"{key}After")), _seconds(body.get(f"{key}Before"))
        if at is not None and ((after is not None and at <= after) or (before is not None and at >= before)):
            return False
    return True


def _seconds(value: Any) -> float | None:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).timestamp()
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp()
