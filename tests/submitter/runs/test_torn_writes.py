"""A machine that dies while a file is appended to: cut anywhere in its last record, it loses that record alone, and goes on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.runs.journal import NAME, journal, read
from local_engine.events import EpochEnded, Event, Note, TrialEnded
from local_engine.files import read_json_lines
from local_engine.space.flat import Space
from local_engine.study import Study
from local_engine.training.curve import Curve

FRAME = 4096 + 24
"""A frame of SQLite's write-ahead log: a header and a page."""


def cuts_of_last_line(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The file cut at every byte of its last line; and whether that line is whole."""
    content = path.read_bytes()
    begin = content[:-1].rfind(b"\n") + 1
    for end in range(begin, len(content) + 1):
        yield content[:end], end == len(content)


def test_a_curve_loses_its_last_epoch_at_most(tmp_path: Path) -> None:
    curve = Curve(tmp_path)
    for value in (0.25, 0.5, 0.75):
        curve.add({"loss": 1 - value, "näme": value}, value)
    path = tmp_path / "curve.jsonl"
    for content, whole in list(cuts_of_last_line(path)):
        path.write_bytes(content)
        again = Curve(tmp_path)
        kept = again.go_back_to(3)
        assert kept == (3 if whole else 2)
        for value in (0.75, 1.0)[kept - 2 :]:
            again.add({"loss": 1 - value, "näme": value}, value)
        assert [row["value"] for row in read_json_lines(path)] == [0.25, 0.5, 0.75, 1.0]


def test_a_journal_loses_its_last_event_at_most(tmp_path: Path) -> None:
    said: list[Event] = [
        Note("begün"),
        EpochEnded(0, 1, {"loss": 0.5}, 0.5),
        TrialEnded(0, "done", 0.5, {"wörd": "ä"}, 1, 0.1),
    ]
    with journal(tmp_path) as tell:
        for event in said:
            tell(event)
    for content, whole in list(cuts_of_last_line(tmp_path / NAME)):
        (tmp_path / NAME).write_bytes(content)
        kept = said if whole else said[:2]
        assert [entry.event for entry in read(tmp_path)] == kept
        with journal(tmp_path) as tell:
            tell(Note("again"))
        assert [entry.event for entry in read(tmp_path)] == [*kept, Note("again")]


def cuts_of_last_transaction(log: bytes, before: int, step: int) -> Iterator[int]:
    """Every byte of each frame's header and its edges, and each `step`th of its page, which is whole or not."""
    for start in range(before, len(log), FRAME):
        yield from range(start, start + 26)
        yield from range(start + 26, start + FRAME, step)
    yield from (len(log) - 1, len(log))


@pytest.fixture
def told_twice(tmp_path: Path) -> tuple[bytes, bytes, int]:
    """A study in which the second trial was told last: its file, its log, and how long that was before."""
    path = tmp_path / "study.sqlite3"
    with Study(Space.from_choices({"a": [1, 2, 3, 4]}), strategy="random", goal="maximize", seed=1, storage=path) as study:
        study.tell(study.ask(), 0.25)  # type: ignore[arg-type]
        trial = study.ask()
        assert trial is not None
        log = path.with_name(path.name + "-wal")
        before = log.stat().st_size
        study.tell(trial, 0.5)
        return path.read_bytes(), log.read_bytes(), before


@pytest.mark.parametrize("step", [509, pytest.param(1, marks=pytest.mark.slow)])
def test_a_study_loses_its_last_tell_at_most(told_twice: tuple[bytes, bytes, int], tmp_path: Path, step: int) -> None:
    file, log, before = told_twice
    known = "SELECT count(*) FROM trial_values"
    found = []
    for number, cut in enumerate(cuts_of_last_transaction(log, before, step)):
        copy = tmp_path / str(number) / "study.sqlite3"
        copy.parent.mkdir()
        copy.write_bytes(file)
        copy.with_name("study.sqlite3-wal").write_bytes(log[:cut])
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            found.append(connection.execute(known).fetchone()[0])
        if number % 60:
            shutil.rmtree(copy.parent)
    assert set(found) == {1, 2} and found == sorted(found) and found[-1] == 2
    for copy in sorted(tmp_path.glob("*/study.sqlite3")):
        _goes_on(copy)


def _goes_on(path: Path) -> None:
    with Study.open(path) as study:
        waiting: list[Any] = study.running
        assert [one.value for one in study.trials] == ([0.25, None] if waiting else [0.25, 0.5])
        for trial in waiting:
            study.tell(trial, 0.5)
        study.tell(study.ask(), 0.75)  # type: ignore[arg-type]
        assert [one.value for one in study.trials] == [0.25, 0.5, 0.75]
