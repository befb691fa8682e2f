"""Plots with numbers on both axes: reliability, ROC, precision over recall, values against labels, quality against its price."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.compare.report.plots.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis
from cloud_nas.compare.report.plots.drawing import Point, element, image, label, line, segment
from cloud_nas.compare.report.words import number

_LOG_FROM = 20
_SHAPES = 6
_TOP = TOP + 14
"""The name of the upright axis stands above its highest number."""


def shares(
    lines: Sequence[Sequence[Point]], identity: str, title: str, across: str, up: str, *, diagonal: bool, said: str
) -> str:
    """Lines over the unit square, one a model, the first on top.

    Args:
        lines: of each model, points from 0 to 1.
        identity: unique on the page.
        title: what is drawn.
        across: the level axis' name.
        up: the upright axis' name.
        diagonal: draw the line of equal values.
        said: the description for who does not see it.
    """
    level, upright = Axis(0, 1, LEFT, WIDTH - RIGHT), Axis(0, 1, HEIGHT - BOTTOM, _TOP)
    drawn = framed(level, upright, across, up)
    if diagonal:
        drawn.append(segment(level.at(0), upright.at(0), level.at(1), upright.at(1), "best-epoch"))
    for model, points in reversed(list(enumerate(lines))):
        if not points:
            continue
        placed = [(level.at(x), upright.at(y)) for x, y in points]
        dots = [element("circle", cx=x, cy=y, r=2.6) for x, y in placed] if len(placed) <= 20 else []
        drawn.append(element("g", line(placed), *dots, class_=f"curve model m{model % _SHAPES}", data_t=model))
    return image(identity, WIDTH, HEIGHT, title, said, drawn)


def scatter(
    points: Sequence[tuple[int, float, float]], identity: str, title: str, across: str, up: str, *, front: Sequence[int] = ()
) -> str | None:
    """A mark for each model that has both values; `front` are those that no other beats in both; None where fewer than two do."""
    if len(points) < 2:
        return None
    xs, ys = [x for _, x, _ in points], [y for _, _, y in points]
    level, upright = _axis(xs, LEFT, WIDTH - RIGHT), _axis(ys, HEIGHT - BOTTOM, _TOP, may_be_log=False)
    drawn = framed(level, upright, across, up)
    best = sorted((x, y) for model, x, y in points if model in front)
    if len(best) > 1:
        drawn.append(line([(level.at(x), upright.at(y)) for x, y in best], "so-far"))
    for model, x, y in points:
        drawn.append(marked(model, level.at(x), upright.at(y)))
    said = "; ".join(f"model {model + 1}: {across} {number(x)}, {up} {number(y)}" for model, x, y in points)
    return image(identity, WIDTH, HEIGHT, title, said, drawn)


def cloud(points: Sequence[Point], identity: str, title: str, said: str) -> str | None:
    """Values against labels, and the line where they are equal."""
    if not points:
        return None
    both = [value for point in points for value in point]
    level, upright = Axis(min(both), max(both), LEFT, WIDTH - RIGHT), Axis(min(both), max(both), HEIGHT - BOTTOM, _TOP)
    drawn = framed(level, upright, "label", "value")
    drawn.append(segment(level.at(min(both)), upright.at(min(both)), level.at(max(both)), upright.at(max(both)), "best-epoch"))
    drawn += [element("circle", cx=level.at(x), cy=upright.at(y), r=1.8, class_="dot") for x, y in points]
    return image(identity, WIDTH, HEIGHT, title, said, drawn)


def marked(model: int, x: float, y: float) -> str:
    """The mark of a model: a disc with its number, so that colour is not needed to tell it."""
    disc = element("circle", cx=x, cy=y, r=8.5)
    return element("g", disc, label(str(model + 1), x, y + 4, class_="inside"), class_=f"model m{model % _SHAPES}", data_t=model)


def framed(level: Axis, upright: Axis, across: str, up: str) -> list[str]:
    """The grid, the numbers and the names of both axes."""
    drawn = []
    for value, text in upright.ticks():
        drawn += [segment(LEFT, upright.at(value), WIDTH - RIGHT, upright.at(value), "grid")]
        drawn += [label(text, LEFT - 7, upright.at(value) + 4, "end")]
    for value, text in level.ticks():
        drawn += [label(text, level.at(value), HEIGHT - BOTTOM + 18)]
        drawn += [segment(level.at(value), HEIGHT - BOTTOM, level.at(value), HEIGHT - BOTTOM + 4, "axis")]
    drawn += [segment(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis")]
    drawn += [label(across, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 7, class_="name")]
    return [*drawn, label(up, LEFT - 50, TOP - 3, "start", "name")]


def _axis(values: Sequence[float], start: float, end: float, *, may_be_log: bool = True) -> Axis:
    low, high = min(values), max(values)
    if may_be_log and low > 0 and high / low > _LOG_FROM:
        return Axis(low / 1.5, high * 1.5, start, end, log=True)
    air = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return Axis(low - air, high + air, start, end)
