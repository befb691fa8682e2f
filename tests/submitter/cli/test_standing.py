"""Where a search stands, from its events alone."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cloud_nas.cli import progress
from cloud_nas.cli.live import LiveDisplay
from cloud_nas.cli.settings import Settings
from cloud_nas.cli.standing import Standing
from cloud_nas.operations import events


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def feed(take: object) -> None:
    """A small search: two trials done, one failed, one at its second of three epochs."""
    for event in (
        events.SearchStarted(trials=4, epochs=8, seconds=60.0, parameters=("units", "rate")),
        events.TrialStarted(0, {"units": 16, "rate": 0.001}, epochs=2),
        events.EpochEnded(0, 1, {"loss": 0.9, "val_accuracy": 0.5}, 0.5),
        events.EpochEnded(0, 2, {"loss": 0.7, "val_accuracy": 0.61}, 0.61),
        events.TrialEnded(0, "done", 0.61, {"units": 16, "rate": 0.001}, 2, 1.5),
        events.TrialStarted(1, {"units": 64, "rate": 0.01}, epochs=2),
        events.EpochEnded(1, 1, {"loss": 0.4, "val_accuracy": 0.8}, 0.8),
        events.TrialEnded(1, "pruned", 0.8, {"units": 64, "rate": 0.01}, 1, 0.7),
        events.TrialStarted(2, {"units": 32, "rate": 0.1}, epochs=2),
        events.TrialEnded(2, "failed", None, {"units": 32, "rate": 0.1}, 0, 0.1, "the loss is not a number"),
        events.TrialStarted(3, {"units": 128, "rate": 0.02}, epochs=3),
        events.EpochEnded(3, 2, {"loss": 0.3, "val_accuracy": 0.79}, 0.79),
    ):
        take(event)  # type: ignore[operator]


def test_counts_best_and_time_left() -> None:
    clock = Clock()
    standing = Standing("accuracy", "maximize", clock)
    feed(standing.take)
    clock.now = 8.0
    assert [standing.count(state) for state in ("done", "pruned", "failed")] == [1, 1, 1]
    assert list(standing.running) == [3]
    assert standing.best is not None and (standing.best.number, standing.best.value) == (1, 0.8)
    assert standing.left() == (8.0, False)  # 4 of 8 epochs took 8 seconds
    clock.now = 55.0
    assert standing.left() == (5.0, True)  # the cap comes first


def test_a_promoted_trial_is_at_work_again() -> None:
    standing = Standing("loss", "minimize")
    for event in (
        events.TrialStarted(0, {}, 1),
        events.TrialEnded(0, "done", 0.5, {}, 1, 1.0),
        events.TrialStarted(0, {}, 3, first_epoch=1),
    ):
        standing.take(event)
    assert standing.count("done") == 0 and standing.running[0].epoch == 1
    standing.take(events.TrialEnded(0, "done", float("nan"), {}, 3, 1.0))
    assert standing.best is not None and standing.best.value == 0.5


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.following(Settings(), "accuracy", "maximize") as display:
        feed(display)
        display(events.Note("3 rows are in both parts"))
        display(events.FinalStarted(1, 2, 900))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "searching units, rate: 4 trials, 8 epochs, at most 1m 00s",
        "trial 0  val_accuracy 0.6100  best 0.6100 (trial 0)  2 epochs  1.5s",
        "trial 1  val_accuracy 0.8000  pruned  best 0.8000 (trial 1)  1 epoch  0.7s",
        "trial 2  failed: the loss is not a number  best 0.8000 (trial 1)  0 epochs  0.1s",
        "note: 3 rows are in both parts",
        "training trial 1 again: 2 epochs on 900 rows",
    ]


def test_quiet_says_nothing_and_verbose_says_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.following(Settings(quiet=True), "accuracy", "maximize") as display:
        feed(display)
    assert capsys.readouterr() == ("", "")
    with progress.following(Settings(verbose=True), "accuracy", "maximize") as display:
        feed(display)
    assert "trial 0  epoch 2  loss 0.7000  val_accuracy 0.6100" in capsys.readouterr().err


def test_live_display() -> None:
    clock = Clock()
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    display = LiveDisplay(Standing("accuracy", "maximize", clock), console)
    console.print(display.render())
    feed(display)
    clock.now = 8.0
    console.print(display.render())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "reading the data and the model" in shown
    assert "trial 2 failed: the loss is not a number" in shown
    assert "trials 3/4  1 done  1 pruned  1 failed  1 running" in shown
    assert "val_accuracy 0.8000  (trial 1)" in shown
    rows = [line.split() for line in shown.splitlines() if line.strip().endswith(("units", "rate"))]
    assert rows[-2:] == [["128", "64", "units"], ["0.02", "0.01", "rate"]]
    assert "epoch 2/3" in shown and "about 8.0s left" in shown
    display(events.FinalStarted(1, 0, 900))
    console.print(display.render())
    assert "keeping the model of trial 1" in console.file.getvalue()  # type: ignore[attr-defined]
