"""One writer a run: the second is refused with the holder's name, and the lock dies with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_nas.errors import RefusedError
from cloud_nas.runs import holder, writing

_HOLD = """
import sys, time
from pathlib import Path
from cloud_nas.runs import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the run in `tmp_path`."""
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(_HOLD), str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_writer_is_refused_with_the_holders_name(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    with pytest.raises(RefusedError, match=f"process {other.pid} of ") as error, writing(tmp_path):
        pass
    assert error.value.exit_status == 9


def test_the_lock_dies_with_its_process(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    found = holder(tmp_path)
    assert found is not None and found.pid == other.pid
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert holder(tmp_path) is None
    with writing(tmp_path):
        mine = holder(tmp_path)
        assert mine is not None and mine.pid == os.getpid()
    assert holder(tmp_path) is None


def test_nobody_writes_what_is_not_there(tmp_path: Path) -> None:
    assert holder(tmp_path / "nowhere") is None


def test_a_torn_lock_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "writer.lock").write_text('{"pid": 12, "ho')
    assert holder(tmp_path) is None
    with writing(tmp_path):
        pass
