"""What jobs print, from CloudWatch: a stream a training job and restart, read on from where the last page ended.

A stream has ended for now where the token that comes back is the one that was sent; pages before that may be empty. Streams come
later, and after a spot machine was taken away a job has another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloud_nas.targets.remote import LogLine, LogPage, Remote
from cloud_nas.targets.sagemaker import candidates
from cloud_nas.targets.sagemaker.children import number_of, prefix_of
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from cloud_nas.targets.sagemaker.jobs import is_missing

GROUP = "/aws/sagemaker/TrainingJobs"

QUIET = 12
"""Pages after which a stream that says nothing is asked only every so often: trials end, and there are many."""


@dataclass(frozen=True)
class _Place:
    """How far a stream has been read, and for how many pages it has been silent."""

    token: str | None = None
    silent: int = 0


def page(remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
    """What was printed since the page whose `next` was `after`; of one trial, or of all. Nothing before a job has begun."""
    client = Client(str(remote.place["region"]))
    number, places = _read(after)
    lines: list[LogLine] = []
    for stream in _streams(client, remote, trial):
        place = places.get(stream, _Place())
        if place.silent > QUIET and number % QUIET:
            continue
        events, token = _new(client, stream, place.token)
        places[stream] = _Place(token, 0 if events else place.silent + 1)
        lines += [_line(remote, stream, trial, event) for event in events]
    lines.sort(key=lambda line: line.at or "")
    return LogPage(tuple(lines), _written(number + 1, places))


def _streams(client: Client, remote: Remote, trial: int | None) -> Iterator[str]:
    """The streams of the job's training jobs, or of the one that is a trial."""
    for prefix in _prefixes(client, remote, trial):
        try:
            for one in client.pages("logs", "DescribeLogStreams", logGroupName=GROUP, logStreamNamePrefix=prefix):
                yield from (str(stream["logStreamName"]) for stream in one["logStreams"])
        except ServiceError as error:
            if not is_missing(error):
                raise
            return


def _prefixes(client: Client, remote: Remote, trial: int | None) -> tuple[str, ...]:
    kind = remote.place["kind"]
    if kind == "tuning":
        return (f"{remote.name}-" if trial is None else prefix_of(remote.name, trial),)
    if kind == "engine":
        return (f"{remote.name}/",)
    listed = candidates.candidates(client, remote)
    chosen = listed if trial is None else listed[trial : trial + 1]
    steps = [step for one in chosen for step in one.get("CandidateSteps") or ()]
    names = [str(step["CandidateStepName"]) for step in steps if str(step["CandidateStepType"]).endswith("TrainingJob")]
    return tuple(f"{name}/" for name in dict.fromkeys(names))


def _new(client: Client, stream: str, token: str | None) -> tuple[list[Mapping[str, Any]], str | None]:
    """The events behind `token` (None: all), and the token behind them."""
    events: list[Mapping[str, Any]] = []
    while True:
        on = {} if token is None else {"nextToken": token}
        try:
            found = client.call("logs", "GetLogEvents", logGroupName=GROUP, logStreamName=stream, startFromHead=True, **on)
        except ServiceError as error:
            if token is not None and error.service_code == "InvalidParameterException":
                token = None  # tokens live for a day
                events.clear()
                continue
            raise
        events += found["events"]
        if found["nextForwardToken"] == token:
            return events, token
        token = found["nextForwardToken"]


def _line(remote: Remote, stream: str, trial: int | None, event: Mapping[str, Any]) -> LogLine:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number = number_of(remote.name, stream.partition("/")[0]) if trial is None else trial
    return LogLine(at, str(event["message"]).rstrip("\n"), number if remote.place["kind"] != "engine" else None)


def _read(after: str | None) -> tuple[int, dict[str, _Place]]:
    if after is None:
        return 0, {}
    number, places = json.loads(after)
    return int(number), {stream: _Place(*place) for stream, place in places.items()}


def _written(number: int, places: Mapping[str, _Place]) -> str:
    return json.dumps([number, {stream: [place.token, place.silent] for stream, place in places.items()}])
