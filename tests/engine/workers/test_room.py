"""A disk without room, a folder that cannot be written to, and a folder that another search works in."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from local_engine import files
from local_engine.errors import DiskError, StorageError, TrialError
from local_engine.search import room
from local_engine.search.alone import alone
from local_engine.training.failures import as_trial_errors


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="cannot write to") as told:
        room.check(tmp_path / "file" / "run")
    assert told.value.hint and "clean" in told.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_before_anything_is_trained(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DiskError, match="Permission denied"):
        room.check(tmp_path / "run")
    tmp_path.chmod(0o700)


def test_too_little_room_is_said_before_anything_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(room, "LEAST", usage.free + (1 << 40))
    with pytest.raises(DiskError, match="MB are free"):
        room.check(tmp_path / "run")


def test_a_full_disk_is_no_fault_of_the_trials() -> None:
    with pytest.raises(DiskError), as_trial_errors([]), Path("/dev/full").open("wb") as full:
        full.write(b"x" * 100_000)
    with pytest.raises(TrialError), as_trial_errors([]):
        raise OSError(errno.ENOENT, "no such file")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Unable to synchronously flush file (file write failed: errno = 28, error message = 'No space left on device')"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("attempt to write a readonly database"),
    ],
)
def test_what_says_that_the_disk_is_full_is_recognised_however_deep(error: Exception) -> None:
    outer = RuntimeError("An exception is raised during the commit")
    outer.__cause__ = error
    assert files.says_disk_is_full(outer)
    assert not files.says_disk_is_full(RuntimeError("something else"))


_HOLD = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from local_engine.search.alone import alone
with alone(Path({folder!r})):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_search_a_folder(tmp_path: Path) -> None:
    code = _HOLD.format(root=str(Path(__file__).parents[3]), folder=str(tmp_path))
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdin and holder.stdout and holder.stdout.readline() == "held\n"
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with pytest.raises(StorageError, match="another search"), alone(tmp_path, clock=lambda: now[0], sleep=sleep):
        pass
    assert now[0] > 29
    holder.kill()
    holder.wait()
    with alone(tmp_path) as descriptor:
        assert descriptor is not None
    holder.stdin.close()
    holder.stdout.close()
