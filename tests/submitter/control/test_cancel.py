"""`cancel`: from another process, at once where nobody works, never what has ended; and what the cancelled process leaves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.home import run_folder
from cloud_nas.operations.cancel import cancel
from cloud_nas.runs import Registry, RunRow, holder
from local_engine.events import EpochEnded, Event, FinalStarted

MakeRun = Callable[..., RunRow]

_WORK = """
import sys, time
from functools import partial
from cloud_nas.home import run_folder
from cloud_nas.operations._interrupt import Stop, interruptible
from cloud_nas.runs import writing
from cloud_nas.runs.cancelling import is_asked
folder = run_folder("r-aaaaa")
with writing(folder) as me:
    stop = Stop(partial(is_asked, folder, me))
    with interruptible(stop, lambda text: None):
        print("at work", flush=True)
        while stop() is None or sys.argv[1] == "deaf":
            time.sleep(0.02)
        print(stop.reason, stop.hurry)
"""


@pytest.fixture
def worker(make_run: MakeRun) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Another process that works at r-aaaaa until it is told to end; it does not live to write its row."""
    make_run()
    started: list[subprocess.Popen[str]] = []

    def start(kind: str = "listens") -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", _WORK, kind], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "at work\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_another_process_is_told_and_ends(worker: Callable[..., subprocess.Popen[str]]) -> None:
    process = worker()
    (found,) = cn.cancel("r-aaaaa")
    assert (found.before, found.state, found.had_ended) == ("running", "cancelled", False)
    assert process.communicate()[0] == "cancelled True\n"
    with Registry() as registry:
        assert registry.get("r-aaaaa").state == "cancelled"


def test_one_that_takes_its_time_is_stopping_and_cancelled_when_it_is_gone(worker: Callable[..., subprocess.Popen[str]]) -> None:
    process = worker("deaf")
    assert cancel("r-aaaaa", patience=0)[0].state == "stopping"
    assert cn.status("r-aaaaa")[0].state == "stopping"
    process.kill()
    process.wait()
    (found,) = cn.status("r-aaaaa")
    assert (found.state, found.reason) == ("cancelled", "cancelled")


def test_a_signal_without_a_wish_is_no_cancel(worker: Callable[..., subprocess.Popen[str]]) -> None:
    process = worker()
    process.send_signal(signal.SIGTERM)
    assert process.communicate()[0] == "interrupted False\n"
    assert cn.status("r-aaaaa")[0].state == "interrupted"


def test_a_wish_is_for_one_attempt(worker: Callable[..., subprocess.Popen[str]]) -> None:
    first = worker()
    cn.cancel("r-aaaaa")
    assert first.wait() == 0
    process = worker()
    assert process.poll() is None and holder(run_folder("r-aaaaa")) is not None


@pytest.mark.parametrize("state", ["running", "interrupted", "cancelled"])
def test_a_run_without_a_process_is_cancelled_at_once(make_run: MakeRun, state: str) -> None:
    make_run(state=state)
    (found,) = cn.cancel("r-aaaaa")
    assert found.state == "cancelled" and cn.status("r-aaaaa")[0].note == "run it again to go on"


def test_what_has_ended_is_left_alone_and_that_is_said(make_run: MakeRun, screen: Any) -> None:
    make_run(state="succeeded", model="/somewhere")
    make_run("r-bbbbb")
    shown = screen("cancel", "r-aaaaa", "r-bbbbb")
    assert shown == (0, "run\tstate\nr-aaaaa\tsucceeded\nr-bbbbb\tcancelled\n", "r-aaaaa had ended: succeeded\n")
    assert cn.status("r-aaaaa")[0].model == "/somewhere"


def test_one_that_is_not_there_spares_the_others(make_run: MakeRun, screen: Any) -> None:
    make_run()
    assert screen("cancel", "r-aaaaa", "r-zzzzz").status == 5
    assert cn.status("r-aaaaa")[0].state == "interrupted"


@pytest.mark.usefixtures("working")
def test_a_run_at_work_on_another_machine_is_refused_with_its_name(screen: Any) -> None:
    lock = run_folder("r-aaaaa") / "writer.lock"
    lock.write_text(json.dumps(json.loads(lock.read_text()) | {"host": "far-away"}))
    shown = screen("cancel", "r-aaaaa")
    assert shown.status == 9 and "far-away" in shown.stderr
    assert cn.status("r-aaaaa")[0].state == "running"


def test_a_run_cancelled_in_the_middle_goes_on(finished_once: Any, make_spec: Callable[..., Path]) -> None:
    spec = make_spec()

    def end(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.number == 1:
            cancel([one.run_id for one in cn.status()], patience=0)

    with pytest.raises(cn.CancelledError, match="was cancelled") as error:
        cn.run(spec, observers=[end])
    assert error.value.exit_status == 6
    (row,) = cn.status()
    assert (row.state, row.reason) == ("cancelled", "cancelled")
    events: list[Event] = []
    whole = cn.run(spec, observers=[events.append])
    assert (whole.run_id, whole.state, whole.attempt) == (row.run_id, "succeeded", 2)
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [2]
    assert whole.best == finished_once.result.best and whole.test == finished_once.result.test


def test_a_run_cancelled_while_its_best_is_made_goes_on(finished_once: Any, make_spec: Callable[..., Path]) -> None:
    spec = make_spec()

    def end(event: Event) -> None:
        if isinstance(event, FinalStarted):
            cancel([one.run_id for one in cn.status()], patience=0)

    with pytest.raises(cn.CancelledError):
        cn.run(spec, observers=[end])
    assert cn.status()[0].state == "cancelled" and cn.status()[0].model is None
    assert cn.run(spec).test == finished_once.result.test


def test_a_supervisor_s_sigterm_leaves_a_run_that_goes_on(make_spec: Callable[..., Path]) -> None:
    def end(event: Event) -> None:
        if isinstance(event, EpochEnded):
            signal.raise_signal(signal.SIGTERM)

    assert cn.run(make_spec(train="{epochs: 2, batch_size: 512}"), observers=[end]).state == "interrupted"
