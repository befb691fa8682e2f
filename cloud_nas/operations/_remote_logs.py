"""What jobs in a cloud print: read a page at a time, followed while they are at work, kept once they have ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from cloud_nas.errors import CloudNasError, NotFoundError, UnreachableError
from cloud_nas.operations._remote import look, remote_of, target_of
from cloud_nas.operations._remote_trials import remote_trials
from cloud_nas.operations._runs import folder_of, rows
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE
from cloud_nas.targets.remote import LogLine
from local_engine.files import read_json_lines, write_bytes

NAME = "cloud/logs.jsonl"
LAST_WORDS = "cloud/last-words.json"

PAUSE = 5.0
"""Seconds between two pages of a log that grows."""

_PATIENCE = 12
"""Pauses for which a place that does not answer is asked again."""

_LATE = 3
"""Pages that are read after the end, since lines arrive late."""


def remote_lines(
    row: RunRow,
    *,
    follow: bool,
    trial: int | None,
    sleep: Callable[[float], None],
    note: Callable[[str], None] = lambda text: None,
) -> Iterator[LogLine]:
    """The lines of a run's job, or of one trial, in the order in which they came; with `follow` until the run has ended.

    `note` is told why there are none, where the place says so.

    Raises:
        NotFoundError: the run was rehearsed, and nothing was kept.
        CredentialsError, UnreachableError: the place cannot be asked.
    """
    path = folder_of(row) / NAME
    if row.state not in LIVE and path.is_file():
        yield from (line for line in _kept(path) if trial is None or line.trial == trial)
        return
    if row.rehearsed:
        raise NotFoundError(f"the log of {row.run_id} went with its rehearsal", hint="rehearse it again")
    if follow:
        yield from _followed(row, trial, sleep, note)
        return
    found = _whole(row, trial, note)
    if row.state not in LIVE and trial is None and found:
        _keep(path, found)
    yield from found


def last_words(row: RunRow, count: int = 10) -> list[str]:
    """The last lines of a job that failed, of its last trial that failed where it has trials; none where nobody can tell."""
    path = folder_of(row) / LAST_WORDS
    kept = read_json_lines(path)
    if kept and kept[-1]["attempt"] == row.attempt:
        return list(kept[-1]["lines"])
    try:
        failed = [one.number for one in remote_trials(row) if one.state == "failed"]
        found = list(remote_lines(row, follow=False, trial=failed[-1] if failed else None, sleep=lambda seconds: None))
    except CloudNasError:
        return []
    lines = [line.text for line in found if line.text.strip()][-count:]
    if lines and row.state not in LIVE:
        _keep_words(path, row, lines)
    return lines


def _followed(row: RunRow, trial: int | None, sleep: Callable[[float], None], note: Callable[[str], None]) -> Iterator[LogLine]:
    target, remote = target_of(row), remote_of(row)
    after, silent, left = None, 0, _LATE
    while True:
        try:
            page = target.logs(remote, trial=trial, after=after)
            silent = 0
        except UnreachableError:
            silent += 1
            if silent > _PATIENCE:
                raise
            sleep(PAUSE)
            continue
        if after is None and page.note:
            note(page.note)
        after = page.next
        yield from page.lines
        if left < _LATE:
            left -= 1
            if left <= 0 or not page.lines:
                return
        elif not _is_live(row):
            left -= 1
        sleep(PAUSE)


def _whole(row: RunRow, trial: int | None, note: Callable[[str], None]) -> list[LogLine]:
    page = target_of(row).logs(remote_of(row), trial=trial)
    if page.note:
        note(page.note)
    return list(page.lines)


def _is_live(row: RunRow) -> bool:
    (now,) = look(rows(row.run_id))
    return now.row.state in LIVE


def _kept(path: Path) -> list[LogLine]:
    return [LogLine(**one) for one in read_json_lines(path)]


def _keep(path: Path, lines: list[LogLine]) -> None:
    text = "".join(json.dumps(vars(line), ensure_ascii=False) + "\n" for line in lines)
    write_bytes(path, text.encode(), mode=0o600)


def _keep_words(path: Path, row: RunRow, lines: list[str]) -> None:
    write_bytes(path, (json.dumps({"attempt": row.attempt, "lines": lines}) + "\n").encode(), mode=0o600)
