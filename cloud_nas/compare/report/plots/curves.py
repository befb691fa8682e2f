"""Learning curves: the objective of all trials by epoch, and each metric of one trial."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.compare.report.contents import ReportRun, ReportTrial
from cloud_nas.compare.report.plots.axes import HEIGHT, TOP, WIDTH, Axis, counting, frame, off_scale, upright
from cloud_nas.compare.report.plots.drawing import element, image, line, segment
from cloud_nas.compare.report.words import number

MOST = 300
"""Trials whose curves are drawn, the best ones: more are a blot."""

MANY = 60
"""With more curves they let each other shine through."""

_FENCE = 30
"""A curve begins far from where it ends, which is no reason to cut it off; a loss that exploded is."""

_POINTS = 160
"""Points of one curve; no screen shows more on this width."""


def curves(run: ReportRun, identity: str) -> str | None:
    """The objective of all trials by epoch; None where nothing was measured."""
    known = [(trial, points) for trial in run.ranked if (points := trial.series("value"))]
    if not known:
        return None
    drawn_ones = known[:MOST]
    values = [value for _, points in drawn_ones for _, value in points]
    up = upright(values, may_be_log=run.goal == "minimize", fence=_FENCE)
    across = counting(1, max(points[-1][0] for _, points in drawn_ones))
    drawn = frame(across, up, "epoch")
    for trial, points in reversed(drawn_ones):
        drawn.append(_curve(points, across, up, "curve best" if trial.number == run.best else "curve", trial.number))
    drawn += off_scale(up, values)
    most = max(points[-1][0] for _, points in known)
    said = f"{len(known)} trials over at most {most} epochs; the thick line is trial {run.best}, the best."
    said += f" Of these the best {MOST} are drawn." if len(known) > MOST else ""
    return image(
        identity, WIDTH, HEIGHT, f"{run.metric} by epoch, {run.name}", said, drawn, "many" if len(drawn_ones) > MANY else ""
    )


def one_trial(run: ReportRun, trial: ReportTrial, identity: str, *, most: int = 6) -> list[tuple[str, str, bool]]:
    """Each metric of one trial by epoch, in the order in which they were reported.

    Returns:
        (metric, the plot, whether it has a line of the training rows beside that of the validation rows)
    """
    names = dict.fromkeys(name.removeprefix("val_") for row in trial.curve for name in row if name not in ("epoch", "value"))
    plots: list[tuple[str, str, bool]] = []
    for name in names:
        training, validation = trial.series(name), trial.series(f"val_{name}")
        if training or validation:
            drawn = _two(run, trial, name, training, validation, f"{identity}-{len(plots)}")
            plots.append((name, drawn, bool(training and validation)))
    return plots[:most]


def _two(
    run: ReportRun,
    trial: ReportTrial,
    name: str,
    training: Sequence[tuple[int, float]],
    validation: Sequence[tuple[int, float]],
    identity: str,
) -> str:
    both = [*training, *validation]
    values = [value for _, value in both]
    up = upright(values, may_be_log=name == "loss", fence=_FENCE)
    across = counting(1, max(epoch for epoch, _ in both))
    drawn = frame(across, up, "epoch")
    objective = trial.series("value")
    if objective:
        best = min(objective, key=lambda point: (run.loss(point[1]), point[0]))[0]
        drawn.append(segment(across.at(best), TOP, across.at(best), up.start, "best-epoch"))
    if training:
        drawn.append(_curve(training, across, up, "curve training"))
    if validation:
        drawn.append(_curve(validation, across, up, "curve validation"))
    drawn += off_scale(up, values)
    ends = [f"{rows} {number(points[-1][1])}" for rows, points in (("training", training), ("validation", validation)) if points]
    said = f"After the last epoch: {', '.join(ends)}."
    return image(identity, WIDTH, HEIGHT, f"{name} of trial {trial.number}, {run.name}", said, drawn)


def _curve(points: Sequence[tuple[int, float]], across: Axis, up: Axis, class_: str, trial: int | None = None) -> str:
    """A line with a dot at its end, which is all there is of a single epoch."""
    every = max(1, -(-len(points) // _POINTS))
    kept = [*points[:-1:every], points[-1]]
    placed = [(across.at(epoch), up.at(value)) for epoch, value in kept]
    end = element("circle", cx=placed[-1][0], cy=placed[-1][1], r=2.2)
    return element("g", line(placed), end, class_=class_, data_t=trial)
