"""Parallel coordinates: an upright axis a hyperparameter and one of the objective, a line a trial."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.compare.report.contents import Hyperparameter, ReportRun, ReportTrial, is_finite
from cloud_nas.compare.report.plots.axes import Axis, upright
from cloud_nas.compare.report.plots.drawing import element, image, label, line, segment
from cloud_nas.compare.report.words import given, shortened

MOST = 500
"""Trials that are drawn, the best ones."""

MANY = 60
"""With more trials the lines let each other shine through."""

SHADES = 5
"""Lines have a class from q0 (the best fifth) to q4."""

_TOP, _END, _UNUSED, _HEIGHT, _SIDE = 34.0, 284.0, 312.0, 330, 70


_WIDTH, _NEAREST, _FARTHEST = 1050, 104, 200
"""The width that the axes share, and the bounds of how far apart they stand."""


def parallel(run: ReportRun, identity: str) -> str | None:
    """The plot; None where there is no hyperparameter, or no trial with a value."""
    valued = sorted(run.valued, key=lambda one: run.loss(one[1]))[:MOST]
    trials = [trial for trial, _ in valued]
    shown = [one for one in run.hyperparameters if any(one.name in trial.params for trial in trials)]
    if not trials or not shown:
        return None
    drawn: list[str] = []
    between = min(_FARTHEST, max(_NEAREST, (_WIDTH - 2 * _SIDE) // len(shown)))
    places = [_places(one, trials) for one in shown]
    for column, (one, (_, ticks)) in enumerate(zip(shown, places, strict=True)):
        partly = any(one.name not in trial.params for trial in trials)
        drawn += _axis(_SIDE + column * between, one.name, ticks, partly)
    last = _SIDE + len(shown) * between
    up = upright([value for _, value in valued], may_be_log=run.goal == "minimize")
    up = Axis(up.low, up.high, _END, _TOP, up.log)
    kind, lines = "wide many" if len(trials) > MANY else "wide", []
    for rank, (trial, value) in enumerate(valued):
        points = [(_SIDE + column * between * 1.0, where[trial.number]) for column, (where, _) in enumerate(places)]
        points.append((float(last), up.at(value)))
        shade = f"q{min(SHADES - 1, rank * SHADES // len(trials))}" + " best" * (trial.number == run.best)
        lines.append(line(points, class_=f"way {shade}", data_t=trial.number))
    drawn = [*reversed(lines), *drawn]
    drawn += _axis(last, run.metric, [(up.at(value), text) for value, text in up.ticks(6)], False)
    said = f"{len(trials)} trials over {len(shown)} hyperparameters; the thickest line is trial {run.best}, the best."
    said += " The lowest place of an axis holds trials that do not use it." if any(_lacks(one, trials) for one in shown) else ""
    return image(identity, last + _SIDE, _HEIGHT, f"Hyperparameters and {run.metric}, {run.name}", said, drawn, kind)


def _lacks(one: Hyperparameter, trials: Sequence[ReportTrial]) -> bool:
    return any(one.name not in trial.params for trial in trials)


def _places(one: Hyperparameter, trials: Sequence[ReportTrial]) -> tuple[dict[int, float], list[tuple[float, str]]]:
    """Where each trial crosses the axis, by its number; and the places that have a text."""
    values = {trial.number: trial.params[one.name] for trial in trials if one.name in trial.params}
    if one.choices is None and all(is_finite(value) for value in values.values()):
        numbers = {number: float(value) for number, value in values.items()}
        whole = all(isinstance(value, int) for value in values.values())
        low, high = min(numbers.values()), max(numbers.values())
        axis = Axis(low, high, _END, _TOP, one.log and low > 0)
        ends = [(axis.at(low), given(low)), (axis.at(high), given(high))] if high > low else [(axis.at(low), given(low))]
        ticks = ends + [
            (axis.at(value), text)
            for value, text in axis.ticks()
            if all(abs(axis.at(value) - end) > 18 for end, _ in ends) and not (whole and value % 1)
        ]
        return {trial.number: axis.at(numbers[trial.number]) if trial.number in numbers else _UNUSED for trial in trials}, ticks
    kinds = _in_order(one, list(values.values()))
    axis = Axis(0, max(len(kinds) - 1, 1), _END, _TOP)
    where = {kind: axis.at(place) if len(kinds) > 1 else (_TOP + _END) / 2 for place, kind in enumerate(kinds)}
    every = -(-len(kinds) // 12)
    ticks = [(place, shortened(kind, 12)) for kind, place in list(where.items())[::every]]
    found = {trial.number: where[_kind(values[trial.number])] if trial.number in values else _UNUSED for trial in trials}
    return found, ticks


def _in_order(one: Hyperparameter, used: Sequence[object]) -> list[str]:
    """The values that were used: numbers by size, others as the space lists them."""
    known = [*(one.choices or ()), *used]
    if all(is_finite(value) for value in used):
        known = sorted(known, key=lambda value: float(value) if is_finite(value) else 0.0)
    taken = {_kind(value) for value in used}
    return [kind for kind in dict.fromkeys(map(_kind, known)) if kind in taken]


def _kind(value: object) -> str:
    return given(value)


def _axis(x: float, name: str, ticks: Sequence[tuple[float, str]], partly: bool) -> list[str]:
    drawn = [segment(x, _TOP, x, _END, "axis")]
    shown = shortened(name, 17)
    drawn.append(
        element("text", element("title", text=name), element("tspan", text=shown), x=x, y=17, class_="name", text_anchor="middle")
    )
    for y, text in ticks:
        drawn += [segment(x - 4, y, x + 4, y, "axis"), label(text, x + 8, y + 4, "start", "tick")]
    if partly:
        drawn += [
            element("circle", cx=x, cy=_UNUSED, r=2.5, class_="unused"),
            label("not used", x + 8, _UNUSED + 4, "start", "tick"),
        ]
    return drawn
