"""A disk without room: refused before anything is trained, a run that goes on afterwards, and never a defect."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import cloud_nas as cn
from cloud_nas.runs import Registry
from local_engine.events import EpochEnded, Event, TrialEnded
from local_engine.search import room


def fill(event: Event) -> None:
    """The disk is full when the first trial has ended."""
    if isinstance(event, TrialEnded):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_fills_up_leaves_a_run_that_goes_on(finished_once: object, make_spec: Callable[..., Path]) -> None:
    spec = make_spec()
    with pytest.raises(cn.FailedError, match="no room is left on the disk") as error:
        cn.run(spec, observers=[fill])
    assert (error.value.exit_status, error.value.code) == (1, "CN608") and "run it again" in (error.value.hint or "")
    (row,) = cn.status()
    assert row.state == "interrupted" and "no room" in (row.reason or "")
    events: list[Event] = []
    whole = cn.run(spec, observers=[events.append])
    assert whole.state == "succeeded" and whole.test == finished_once.result.test  # type: ignore[attr-defined]
    assert {event.number for event in events if isinstance(event, EpochEnded)} == {1}


def test_a_full_disk_is_said_although_the_registry_cannot_be_written_either(make_spec: Callable[..., Path], home: Path) -> None:
    def fill_all(event: Event) -> None:
        if isinstance(event, TrialEnded):
            (home / "registry.sqlite3").write_bytes(b"no database")
            fill(event)

    with pytest.raises(cn.FailedError, match="no room is left on the disk"):
        cn.run(make_spec(train="{epochs: 1, batch_size: 256}"), observers=[fill_all])


@pytest.mark.usefixtures("finished_copy")
def test_without_room_nothing_is_begun(make_spec: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LEAST", 1 << 60)
    with pytest.raises(cn.RefusedError, match="free on the disk") as error:
        cn.run(make_spec(train="{epochs: 3}"))
    assert (error.value.exit_status, error.value.code) == (9, "CN608")
    (before,) = cn.status()
    with pytest.raises(cn.RefusedError):
        cn.run(make_spec(), max_trials=3)
    with Registry() as registry:
        (row,) = registry.rows()
    assert (row.state, row.attempt, row.model) == (before.state, before.attempt, before.model) == ("succeeded", 1, before.model)


def test_a_full_disk_is_no_defect_wherever_it_is_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cloud_nas.cli import failures
    from cloud_nas.cli.settings import Settings

    assert failures.report(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), Settings(), ["status"]) == 1
    assert "error: no room is left on the disk" in capsys.readouterr().err
    assert not list(home.glob("crash-*"))
