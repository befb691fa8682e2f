"""`submit`, and `run` with workers, as real processes: started, left alone, told to end, gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloud_nas as cn
from cloud_nas.home import run_folder
from cloud_nas.runs import holder
from cloud_nas.runs.journal import read
from cloud_nas.runs.writer import undisturbed
from local_engine.events import EpochEnded, Note


def epochs(run_id: str, trial: int) -> list[int]:
    """The epochs of a trial that were told, over all attempts."""
    events = [entry.event for entry in read(run_folder(run_id))]
    return [event.epoch for event in events if isinstance(event, EpochEnded) and event.number == trial]


def until_epoch(run: cn.Run, *trials: int) -> None:
    """Waits until each of these trials has trained an epoch."""
    left = set(trials)
    for one in run.logs(follow=True):
        if isinstance(one.event, EpochEnded):
            left.discard(one.event.number)
        if not left:
            return
    raise AssertionError(f"{run.status()}: {[one.event for one in run.logs() if isinstance(one.event, Note)]}")


def test_a_run_in_the_background_from_submit_to_its_end(slow_spec: Path, screen: Any) -> None:
    run = cn.submit(slow_spec)
    status, at_work = run.status(), holder(run_folder(run.id))
    assert status.state == "running" and status.attempt == 1
    assert at_work is not None and at_work.pid != os.getpid()

    os.kill(at_work.pid, signal.SIGHUP)  # as when its terminal is closed
    second = screen("run", str(slow_spec))
    assert second.status == 9 and f"process {at_work.pid} of " in second.stderr
    until_epoch(run, 0)
    ended = run.cancel()
    assert (ended.before, ended.state) == ("running", "cancelled")
    assert run.wait(60).state == "cancelled" and holder(run_folder(run.id)) is None
    assert "was cancelled" in (run_folder(run.id) / "output.txt").read_text()

    (slow_spec.parent / "go").touch()
    shown = screen("submit", str(slow_spec), "--wait", "--json")
    found = json.loads(shown.stdout)
    assert shown.status == 0 and shown.stderr.splitlines()[0] == f"note: {run.id} goes on where it stopped"
    assert set(found) == {
        "schema", "run_id", "target", "state", "spec_sha256", "best", "trials", "seconds", "model", "remote", "attempt"
    }  # fmt: skip
    assert (found["run_id"], found["state"], found["attempt"]) == (run.id, "succeeded", 2)
    assert epochs(run.id, 0) == epochs(run.id, 1) == list(range(1, 13))
    assert cn.run(slow_spec).reused


def test_what_is_wrong_is_said_as_run_says_it(make_spec: Callable[..., Path], screen: Any, home: Path) -> None:
    broken = make_spec(model="import nowhere_to_be_found\n\n\ndef build(hp):\n    return None\n")
    in_the_background, here = screen("submit", str(broken)), screen("run", str(broken))
    assert in_the_background == here and here.status == 2 and "nowhere_to_be_found" in here.stderr
    wrong = make_spec("wrong", search="{strategy: randm}")
    assert screen("submit", str(wrong)) == screen("run", str(wrong))
    assert not list(home.glob("runs/*")) and cn.status() == []


def test_ctrl_c_with_workers_saves_what_they_have_and_the_run_goes_on(slow_spec: Path, home: Path) -> None:
    command = [sys.executable, "-m", "cloud_nas", "run", str(slow_spec), "--parallel", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while process.poll() is None and not cn.status():
        pass_time()
    assert process.poll() is None, process.communicate()
    (status,) = cn.status()
    until_epoch(cn.Run(status.run_id), 0, 1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it, to all in the foreground
    out, err = process.communicate()
    assert process.returncode == 130 and out == f"{status.run_id}\n"
    assert "; 2 workers" in err and "stopping after this epoch" in err and "Traceback" not in err
    assert [one.state for one in cn.status()] == ["interrupted"]
    with undisturbed(run_folder(status.run_id)):
        before = [epochs(status.run_id, trial) for trial in (0, 1)]
    assert all(1 <= len(trained) < 12 for trained in before)

    (slow_spec.parent / "go").touch()
    whole = cn.run(slow_spec)
    assert (whole.run_id, whole.state) == (status.run_id, "succeeded")
    assert [epochs(status.run_id, trial) for trial in (0, 1)] == [list(range(1, 13))] * 2


def pass_time() -> None:
    import time

    time.sleep(0.1)
