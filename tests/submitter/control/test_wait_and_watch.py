"""`wait`, `status --watch` and `logs --follow`: until a run has ended, seen from another process's point of view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.home import run_folder
from cloud_nas.operations.logs import logs
from cloud_nas.operations.status import watch
from cloud_nas.operations.wait import wait
from cloud_nas.runs import RunRow
from cloud_nas.runs.journal import journal
from cloud_nas.states import TrialCounts
from local_engine.events import EpochEnded, Note, TrialEnded

MakeRun = Callable[..., RunRow]


class Time:
    """A clock that only sleeping moves; at each sleep the next thing happens."""

    def __init__(self, *happens: Callable[[], Any]) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self._happens = iter(happens)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)
        next(self._happens, lambda: None)()


def test_wait_ends_with_the_last_of_the_runs(make_run: MakeRun, working: Callable[..., None]) -> None:
    make_run("r-bbbbb", "failed")
    time = Time(lambda: None, lambda: None, lambda: working("succeeded"))
    found = wait(["r-aaaaa", "r-bbbbb"], clock=time, sleep=time.sleep)
    assert [one.state for one in found] == ["succeeded", "failed"]
    assert len(time.slept) == 3 and time.slept == sorted(time.slept)


@pytest.mark.usefixtures("working")
def test_wait_looks_seldom_and_no_longer_than_the_timeout() -> None:
    time = Time()
    (found,) = wait("r-aaaaa", "1m30s", clock=time, sleep=time.sleep)
    assert found.state == "running" and time.now == pytest.approx(190.0)
    assert 80 < len(time.slept) < 120 and max(time.slept) == 1.0
    assert cn.wait("r-aaaaa", 0)[0].state == "running"


def test_wait_refuses_what_it_cannot_wait_for(make_run: MakeRun) -> None:
    with pytest.raises(cn.NotFoundError):
        cn.wait("r-zzzzz")
    with pytest.raises(cn.UsageError, match="no run"):
        cn.wait([])
    make_run()
    with pytest.raises(cn.UsageError, match="not a timeout: 'soon'"):
        cn.wait("r-aaaaa", "soon")


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["succeeded"], 0),
        (["succeeded", "interrupted"], 1),
        (["failed", "succeeded"], 1),
        (["succeeded", "cancelled"], 6),
    ],
)
def test_wait_exits_as_the_worst_ended(make_run: MakeRun, screen: Any, states: list[str], status: int) -> None:
    ids = ["r-aaaaa", "r-bbbbb"][: len(states)]
    for run_id, state in zip(ids, states, strict=True):
        make_run(run_id, state, reason="because")
    shown = screen("wait", *ids)
    assert shown.status == status
    assert [line.split("\t")[3] for line in shown.stdout.splitlines()[1:]] == states


@pytest.mark.usefixtures("working")
def test_wait_exits_8_when_the_time_is_over(screen: Any) -> None:
    shown = screen("wait", "r-aaaaa", "--timeout", "0.01")
    assert shown.status == 8 and "still at work" in shown.stderr


def test_watch_gives_each_change_once(working: Callable[..., None], set_row: Callable[..., None]) -> None:
    def progress() -> None:
        set_row("r-aaaaa", trials=TrialCounts(done=1))

    time = Time(lambda: None, progress, lambda: None, lambda: working("succeeded"))
    seen = [found[0] for found in watch(sleep=time.sleep)]
    assert [(one.state, one.trials.done) for one in seen] == [("running", 0), ("running", 1), ("succeeded", 1)]


def test_watch_through_a_pipe_is_blocks_of_rows(make_run: MakeRun, screen: Any) -> None:
    make_run(state="succeeded")
    shown = screen("status", "--watch", "--exit-status")
    assert shown.status == 0 and [line.split("\t")[0] for line in shown.stdout.splitlines()] == ["run", "r-aaaaa"]


def test_follow_gives_what_comes_until_the_end_and_the_last_words(working: Callable[..., None]) -> None:
    with journal(run_folder("r-aaaaa")) as tell:
        tell(Note("first"))

        def end() -> None:
            tell(Note("last"))
            working("succeeded")

        time = Time(lambda: tell(TrialEnded(0, "done", 0.5, {}, 1, 0.1)), lambda: None, end)
        found = [one.event for one in logs("r-aaaaa", follow=True, sleep=time.sleep)]
    assert found == [Note("first"), TrialEnded(0, "done", 0.5, {}, 1, 0.1), Note("last")]
    assert len(time.slept) == 3


def test_follow_of_a_trial_waits_for_it_to_begin(working: Callable[..., None]) -> None:
    folder = run_folder("r-aaaaa") / "trials" / "1"

    def begin() -> None:
        folder.mkdir(parents=True)
        (folder / "curve.jsonl").write_text('{"epoch": 1, "loss": 0.5, "value": 0.25}\n{"epoch": 2, "lo')
        (folder / "log.txt").write_text("hello\nunfin")

    time = Time(begin, lambda: working("interrupted"))
    found = list(logs("r-aaaaa", follow=True, trial=1, sleep=time.sleep))
    assert found[0].event == EpochEnded(1, 1, {"loss": 0.5}, 0.25)
    assert [one.text for one in found[1:]] == ["hello", "unfin"]


def test_logs_of_what_is_not_there(make_run: MakeRun) -> None:
    with pytest.raises(cn.NotFoundError):
        cn.logs("r-zzzzz")
    make_run(state="succeeded")
    with pytest.raises(cn.NotFoundError, match="no trial 3"):
        cn.logs("r-aaaaa", trial=3)
    assert list(cn.logs("r-aaaaa")) == []


def test_the_lines_of_a_finished_run(finished_run: Any, screen: Any) -> None:
    run_id = finished_run.result.run_id
    shown = screen("logs", run_id)
    lines = shown.stdout.splitlines()
    assert shown.status == 0 and all(line[:10].count("-") == 2 and line[19:22] == "Z  " for line in lines)
    assert [line[22:30] for line in lines if line[22:].startswith("trial ")] == ["trial 0 ", "trial 1 "]
    assert "val_accuracy" in shown.stdout and "epoch 1 " not in shown.stdout
    assert "trial 0  epoch 1  accuracy" in screen("logs", run_id, "-v").stdout
    trial = screen("logs", run_id, "--trial", "1").stdout.splitlines()
    assert [line[:17] for line in trial] == ["trial 1  epoch 1 ", "trial 1  epoch 2 "]
    assert [type(one.event).__name__ for one in cn.logs(run_id)][-1] == "SearchEnded"


def test_a_handle_does_what_the_functions_do(finished_run: Any, tmp_path: Path) -> None:
    result = finished_run.result
    run = cn.Run(result.run_id)
    assert run.status() == run.wait("1s") == cn.status(result.run_id)[0]
    assert run.trials() == list(result.trials)
    assert run.show().to_json() == cn.show(result.run_id).to_json()
    assert run.show(1).to_json()["number"] == 1
    assert run.cancel().had_ended and run.status().state == "succeeded"
    assert (run.fetch(tmp_path / "copy").dir / "model.keras").is_file()
    assert run == cn.Run(result.run_id, ("said",)) and "said" not in repr(run)
    with pytest.raises(cn.NotFoundError):
        cn.Run("r-zzzzz").status()
