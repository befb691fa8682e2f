"""The ranking as a picture: each model's value and its interval on one scale, the best on top."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cloud_nas.compare.report.plots.axes import Axis
from cloud_nas.compare.report.plots.drawing import element, image, label, segment
from cloud_nas.compare.report.plots.square import marked
from cloud_nas.compare.report.words import number, shortened

WIDTH, LEFT, RIGHT, ROW, FOOT = 900, 190, 24, 30, 34


def ranking(models: Sequence[tuple[str, float, float, float, bool]], identity: str, title: str) -> str:
    """A line a model: (name, value, low, high, tied with the best)."""
    ends = [end for _, value, low, high, _ in models for end in (value, low, high) if math.isfinite(end)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    air = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    axis = Axis(low - air, high + air, LEFT, WIDTH - RIGHT)
    bottom = ROW * len(models) + 8
    drawn = []
    for value, text in axis.ticks(7):
        drawn += [segment(axis.at(value), 4, axis.at(value), bottom, "grid"), label(text, axis.at(value), bottom + 18)]
    for place, (name, value, start, end, tied) in enumerate(models):
        y = ROW * place + ROW / 2 + 4
        drawn.append(label(shortened(name, 26), LEFT - 14, y + 4, "end", "name" if tied else None))
        if math.isfinite(start) and math.isfinite(end):
            drawn.append(segment(axis.at(start), y, axis.at(end), y, "interval tied" if tied else "interval"))
        if math.isfinite(value):
            drawn.append(marked(place, axis.at(value), y))
    said = "; ".join(f"{name} {number(value)}, {number(start)} to {number(end)}" for name, value, start, end, _ in models)
    return image(identity, WIDTH, bottom + FOOT, title, said, [element("g", *drawn)], "ranking")
