"""`logs`: what a run said while it ran, or says; and what one of its trials printed. From files, so from any process;
a cloud's own log where the run is there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.operations._remote import is_remote
from cloud_nas.operations._runs import folder_of, rows
from cloud_nas.runs.journal import Reader
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.tail import Tail
from cloud_nas.states import LIVE
from local_engine.events import EpochEnded, Event, to_json
from local_engine.files import read_json

PAUSE = 0.3
"""Seconds between two looks at files that grow."""


@dataclass(frozen=True)
class Logged:
    """Something that was said: an `event`, or a line of `text` that a trial printed. `at` is ISO 8601 in UTC, None: not known."""

    at: str | None
    event: Event | None = None
    text: str | None = None
    trial: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data: `at`, and `event` with the event's own values, or `text` and the `trial` where that is known."""
        if self.event is not None:
            return {"at": self.at} | to_json(self.event)
        return {"at": self.at, "text": self.text} | ({} if self.trial is None else {"trial": self.trial})


def logs(
    run_id: str,
    *,
    follow: bool = False,
    trial: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
    note: Callable[[str], None] = lambda text: None,
) -> Iterator[Logged]:
    """What a run said, in order, over all its attempts.

    Args:
        run_id: the run.
        follow: go on with what comes, until nobody works at the run any more.
        trial: the epochs of this trial, then what it printed, in place of the run's events.
        sleep: lets seconds pass.
        note: told why a cloud has nothing to tell.

    Raises:
        NotFoundError: there is no such run, or no such trial.
        CredentialsError, UnreachableError: the cloud that it runs in cannot be asked.
    """
    (row,) = rows(run_id)
    if is_remote(row):
        return _remote(row, follow, trial, sleep, note)
    folder = folder_of(row)
    if trial is None:
        reader = Reader(folder)
        return _until_it_ends(run_id, follow, lambda last: _events(reader), sleep)
    at_work = folder / "trials" / str(trial)
    if not at_work.is_dir() and not (follow and row.state in LIVE):
        raise NotFoundError(f"no trial {trial} in {run_id}", hint=f"cloud-nas trials {run_id}")
    curve, printed = Tail(at_work / "curve.jsonl"), Tail(at_work / "log.txt")
    return _until_it_ends(run_id, follow, lambda last: _trial(trial, curve, printed, last), sleep)


def objective_of(run_id: str) -> tuple[str, str]:
    """The metric and the goal of a run, as its folder has them; `("objective", "maximize")` before it has begun.

    Raises:
        NotFoundError: there is no such run.
    """
    (row,) = rows(run_id)
    try:
        found = read_json(folder_of(row) / "definition.json")["objective"]
    except FileNotFoundError:
        return "objective", "maximize"
    return str(found["metric"]), str(found["goal"])


def last_words(run_id: str) -> list[str]:
    """The last lines of a run in a cloud that failed; none of a run at home, whose reason tells all.

    Raises:
        NotFoundError: there is no such run.
    """
    (row,) = rows(run_id)
    if not is_remote(row) or row.state != "failed":
        return []
    from cloud_nas.operations import _remote_logs

    return _remote_logs.last_words(row)


def _remote(
    row: RunRow, follow: bool, trial: int | None, sleep: Callable[[float], None], note: Callable[[str], None]
) -> Iterator[Logged]:
    from cloud_nas.operations._remote_logs import remote_lines

    for line in remote_lines(row, follow=follow, trial=trial, sleep=sleep, note=note):
        yield Logged(line.at, text=line.text, trial=line.trial)


def _until_it_ends(
    run_id: str, follow: bool, new: Callable[[bool], Iterator[Logged]], sleep: Callable[[float], None]
) -> Iterator[Logged]:
    """What is new, again and again; whether the run is at work is asked first, so that its last words are not missed."""
    while True:
        goes_on = follow and rows(run_id)[0].state in LIVE
        yield from new(not goes_on)
        if not goes_on:
            return
        sleep(PAUSE)


def _events(reader: Reader) -> Iterator[Logged]:
    for entry in reader.new():
        yield Logged(entry.at, entry.event)


def _trial(number: int, curve: Tail, printed: Tail, last: bool) -> Iterator[Logged]:
    """The new epochs of a trial, and what it has printed since; an unfinished line only when it is the `last` look."""
    for line in curve.lines():
        row = json.loads(line)
        epoch, value = int(row.pop("epoch")), row.pop("value", None)
        yield Logged(None, EpochEnded(number, epoch, row, value))
    for text in printed.lines():
        yield Logged(None, text=text.decode(errors="replace"))
    rest = printed.rest() if last else b""
    if rest:
        yield Logged(None, text=rest.decode(errors="replace"))


def printed_by(run_id: str) -> Path | None:
    """The file with what a run in the background printed beside its events; None where it printed nothing."""
    (row,) = rows(run_id)
    path = folder_of(row) / "output.txt"
    return path if path.is_file() and path.stat().st_size else None
