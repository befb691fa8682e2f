"""What jobs print, from Cloud Logging: by the ids of a job and of its trials' jobs, read on from where the last page ended.

Lines arrive late and out of order, so that each page looks back a little; what was told already is known by its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.targets.remote import LogLine, LogPage, Remote
from cloud_nas.targets.vertex import children
from cloud_nas.targets.vertex.client import Client, ServiceError
from cloud_nas.targets.vertex.jobs import describe
from cloud_nas.targets.vertex.times import moment

HOST, PATH = "logging.googleapis.com", "/v2/entries:list"

BACK = timedelta(seconds=60)
"""By how much a line may come later than one that bears a later time."""

IDS = 500
"""Jobs that are asked for in one question; a filter may have 20,000 characters."""

_ENTRIES = 1000
_NOT_THERE = ("404", "405", "501")
_TRIAL = "ml.googleapis.com/trial_id"
"""The label with the service's number of the trial, where a line stands under the tuning job itself."""


def page(remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
    """What was printed since the page whose `next` was `after`; of one trial, or of all. Nothing before a job has begun.

    AutoML prints nothing; an endpoint on loopback may keep no logs: a note says so, and nothing is made up.

    Raises:
        CredentialsError: one may not read the project's logs.
    """
    client = Client(remote.place)
    since, told = _read(after)
    if remote.place["kind"] == "automl":
        return LogPage((), _written(since, told), "AutoML tells no log of its training")
    found = describe(client, remote)
    owners = _owners(found, trial)
    since = since or moment(found, "createTime") or datetime.fromtimestamp(0, UTC)
    try:
        entries = {str(one.get("insertId") or one): one for one in _entries(client, sorted(owners), since - BACK)}
    except (NotFoundError, ServiceError) as error:
        if client.endpoint.anonymous and getattr(error, "service_code", "404") in _NOT_THERE:
            return LogPage((), _written(since, told), f"{client.endpoint.address} keeps no logs")
        raise
    ours = {key: one for key, one in entries.items() if trial is None or _trial_of(one, owners) == trial}
    lines = [_line(one, owners) for key, one in ours.items() if key not in told]
    last = max((at for one in entries.values() if (at := moment(one, "timestamp")) is not None), default=since)
    kept = {key for key, one in entries.items() if (moment(one, "timestamp") or last) >= max(last, since) - BACK}
    lines.sort(key=lambda line: line.at or "")
    return LogPage(tuple(lines), _written(max(last, since), kept | (set() if entries else told)))


def _owners(found: Mapping[str, Any], trial: int | None) -> dict[str, int | None]:
    """The ids of the jobs whose lines count, and whose trial each is: the job itself, and those of its trials."""
    owners: dict[str, int | None] = {str(found["name"]).rpartition("/")[2]: None}
    for number, one in children.trials_of(found).items():
        if one.get("customJob") and trial in (None, number):
            owners[str(one["customJob"]).rpartition("/")[2]] = number
    return owners


def _entries(client: Client, ids: list[str], since: datetime) -> Iterator[Mapping[str, Any]]:
    """Every entry of these jobs from then on."""
    for start in range(0, len(ids), IDS):
        named = " OR ".join(f'"{one}"' for one in ids[start : start + IDS])
        condition = f'resource.type="ml_job" AND resource.labels.job_id=({named}) AND timestamp>="{_text(since)}"'
        body: dict[str, Any] = {
            "resourceNames": [f"projects/{client.project}"],
            "filter": condition,
            "orderBy": "timestamp asc",
            "pageSize": _ENTRIES,
        }
        while True:
            answer = client.post_json(client.url(HOST, PATH), body) or {}
            yield from answer.get("entries", ())
            if not answer.get("nextPageToken"):
                break
            body["pageToken"] = answer["nextPageToken"]


def _line(entry: Mapping[str, Any], owners: Mapping[str, int | None]) -> LogLine:
    at = moment(entry, "timestamp", "receiveTimestamp")
    return LogLine(None if at is None else _text(at), _words(entry), _trial_of(entry, owners))


def _words(entry: Mapping[str, Any]) -> str:
    """A line as it was printed; of one line of JSON, which Logging takes apart, its message, or all of it."""
    if "textPayload" in entry:
        return str(entry["textPayload"]).rstrip("\n")
    payload = entry.get("jsonPayload", entry.get("protoPayload", {}))
    message = payload.get("message") if isinstance(payload, Mapping) else None
    return str(message).rstrip("\n") if message is not None else json.dumps(payload, sort_keys=True)


def _trial_of(entry: Mapping[str, Any], owners: Mapping[str, int | None]) -> int | None:
    """Whose line it is; None: the job's own."""
    number = owners.get(str(entry.get("resource", {}).get("labels", {}).get("job_id", "")))
    label = str(entry.get("labels", {}).get(_TRIAL, ""))
    return int(label) - 1 if number is None and label.isdigit() else number


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read(after: str | None) -> tuple[datetime | None, set[str]]:
    if after is None:
        return None, set()
    since, told = json.loads(after)
    return None if since is None else datetime.fromisoformat(since), set(told)


def _written(since: datetime | None, told: set[str]) -> str:
    return json.dumps([None if since is None else since.isoformat(), sorted(told)])
