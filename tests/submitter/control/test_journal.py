"""What a run said is kept and read back, by whoever wants to, whatever was torn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.runs.journal import NAME, Reader, journal, read
from local_engine import events
from local_engine.events import EpochEnded, FinalStarted, Note, SearchEnded, SearchStarted, TrialEnded, TrialStarted

SAID = (
    Note("rows in two parts", "CN210"),
    SearchStarted(2, None, 60.0, ("units", "rate"), 2),
    TrialStarted(0, {"units": 8, "name": "ü\n"}, 2),
    EpochEnded(0, 1, {"loss": float("nan"), "val_accuracy": 0.5}, None),
    TrialEnded(0, "failed", None, {"units": 8}, 1, 0.25, "the loss is not a number"),
    FinalStarted(0, 2, 100),
    SearchEnded(0, 0.5, 1.5, "complete"),
)


def keep(folder: Path, *said: events.Event) -> None:
    with journal(folder) as tell:
        for event in said:
            tell(event)


@pytest.mark.parametrize("event", SAID, ids=lambda event: type(event).__name__)
def test_an_event_becomes_plain_data_and_comes_back(event: events.Event) -> None:
    assert repr(events.from_json(events.to_json(event))) == repr(event)


def test_what_numpy_measured_is_kept_as_a_number() -> None:
    import numpy as np

    said = events.to_json(EpochEnded(0, 1, {"loss": np.float32(0.5)}, 0.5))  # type: ignore[dict-item]
    assert said["metrics"] == {"loss": 0.5} and type(said["metrics"]["loss"]) is float


def test_what_a_newer_version_says_is_passed_over() -> None:
    assert events.from_json({"event": "TrialMoved", "number": 1}) is None
    assert events.from_json({"event": "Note", "message": "hello", "colour": "red"}) == Note("hello")
    assert events.from_json({"event": "EpochEnded", "number": 1}) is None


def test_a_journal_is_read_back_in_order_over_all_attempts(tmp_path: Path) -> None:
    keep(tmp_path, *SAID[:3])
    keep(tmp_path, *SAID[3:])
    found = read(tmp_path)
    assert repr([entry.event for entry in found]) == repr(list(SAID))
    assert all(len(entry.at) == 24 and entry.at.endswith("Z") for entry in found)
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    assert read(tmp_path / "nowhere") == []


def test_a_torn_line_is_not_read_and_swallows_nothing(tmp_path: Path) -> None:
    keep(tmp_path, SAID[0], SAID[2])
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-9])
    assert [entry.event for entry in read(tmp_path)] == [SAID[0]]
    keep(tmp_path, SAID[1])
    assert [entry.event for entry in read(tmp_path)] == [SAID[0], SAID[1]]


def test_rubbish_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    keep(tmp_path, SAID[0])
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"at": "2026\n[1]\n7\n\xff\xfe\n')
    keep(tmp_path, SAID[1])
    assert [entry.event for entry in read(tmp_path)] == [SAID[0], SAID[1]]


def test_a_reader_gets_each_event_once_and_never_half_of_one(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    assert list(reader.new()) == []
    keep(tmp_path, SAID[0])
    assert [entry.event for entry in reader.new()] == [SAID[0]]
    whole = (tmp_path / NAME).read_bytes()
    with (tmp_path / NAME).open("ab") as file:
        file.write(whole[:20])
        file.flush()
        assert list(reader.new()) == []
        file.write(whole[20:])
    assert [entry.event for entry in reader.new()] == [SAID[0]]
    assert list(reader.new()) == []


def test_logs_as_json_are_a_line_an_event(finished_run: Any, screen: Any) -> None:
    shown = screen("logs", finished_run.result.run_id, "--json")
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert shown.status == 0 and {line["schema"] for line in lines} == {"cloud-nas/logs@1"}
    assert [line["event"] for line in lines] == [type(one).__name__ for one in finished_run.events]
    ended = [line for line in lines if line["event"] == "TrialEnded"]
    assert [line["number"] for line in ended] == [0, 1] and all(line["at"].endswith("Z") for line in lines)
