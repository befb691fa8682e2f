"""The objective over the trials in the order of asking, with the best so far."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.compare.report.contents import ReportRun
from cloud_nas.compare.report.plots.axes import BOTTOM, HEIGHT, LANE, LEFT, TOP, WIDTH, Axis, counting, frame, upright
from cloud_nas.compare.report.plots.drawing import Point, image, label, line, mark
from cloud_nas.compare.report.words import number

MANY = 150
"""With more trials the marks are small, so that they do not hide each other."""

_FAILED_AT = HEIGHT - BOTTOM - LANE / 2 + 1
"""The middle of the lane between the values and the level axis, for trials without a value."""


def history(run: ReportRun, identity: str) -> str | None:
    """The plot; None where no trial has a value."""
    valued = run.valued
    if not valued:
        return None
    without = [trial for trial in run.trials if trial.value is None and trial.state in ("failed", "preempted")]
    up = upright([value for _, value in valued], may_be_log=run.goal == "minimize", lane=bool(without))
    across = counting(run.trials[0].number, run.trials[-1].number)
    size = 3.4 if len(run.trials) <= MANY else 2.0
    drawn = frame(across, up, "trial")
    drawn.append(line(_so_far(run, [(trial.number, value) for trial, value in valued], across, up), class_="so-far"))
    for trial, value in valued:
        x, class_ = across.at(trial.number), "best" * (trial.number == run.best)
        drawn.append(mark(trial.state, x, up.at(value), trial.number, class_, size))
        if up.leaves_out(value):
            above = value > up.high
            drawn.append(label("↑" if above else "↓", x, TOP + 16 if above else up.start - 8, class_="far"))
    drawn += [label("failed", LEFT - 7, _FAILED_AT + 4, "end")] if without else []
    drawn += [mark("failed", across.at(trial.number), _FAILED_AT, trial.number, size=size) for trial in without]
    outside = sum(up.leaves_out(value) for _, value in valued)
    best = min((value for _, value in valued), key=run.loss)
    said = f"The best of {len(valued)} trials is {number(best)}, of trial {run.best}."
    said += f" {len(without)} failed." if without else ""
    said += f" {outside} outside the scale, drawn at its edge." if outside else ""
    return image(identity, WIDTH, HEIGHT, f"{run.metric} by trial, {run.name}", said, drawn)


def _so_far(run: ReportRun, valued: Sequence[tuple[int, float]], across: Axis, up: Axis) -> list[Point]:
    """The steps of the best so far, to the right edge."""
    best = valued[0][1]
    steps = [(across.at(valued[0][0]), up.at(best))]
    for trial, value in valued[1:]:
        if run.loss(value) < run.loss(best):
            steps += [(across.at(trial), up.at(best)), (across.at(trial), up.at(value))]
            best = value
    return [*steps, (across.end, up.at(best))]
