"""From values to places on the drawing, and the round numbers that stand beside an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cloud_nas.compare.report.plots.drawing import label, segment
from cloud_nas.compare.report.words import tick

WIDTH, HEIGHT = 440, 280
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 14, 44
"""The room around a plot's own area, for the numbers and the names of its axes."""

LANE = 22

_LOG_FROM = 100
"""A range of positive values that spans more than this factor is drawn on a logarithmic scale."""


_FEW = 8
"""With fewer values nothing is called an outlier."""


@dataclass(frozen=True)
class Axis:
    """A scale: values from `low` to `high` go to places from `start` to `end`; values outside go to the nearer end."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value."""
        low, high = self._shown(self.low), self._shown(self.high)
        share = 0.5 if high == low else (self._shown(value) - low) / (high - low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def leaves_out(self, value: float) -> bool:
        """Whether a value lies outside."""
        return not self.low <= value <= self.high

    def ticks(self, most: int = 5) -> list[tuple[float, str]]:
        """Round values inside, each with its text."""
        if self.log and self.high / self.low >= 10:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            powers = range(first, last + 1, max(1, math.ceil((last - first + 1) / most)))
            return [(10.0**power, f"{10.0**power:g}") for power in powers]
        step = round_step((self.high - self.low) / most)
        first = math.ceil(self.low / step - 1e-9)
        values = [count * step for count in range(first, math.floor(self.high / step + 1e-9) + 1)]
        return [(value, tick(value, step)) for value in values]

    def _shown(self, value: float) -> float:
        return math.log(max(value, self.low * 1e-9)) if self.log else value


def round_step(wanted: float) -> float:
    """1, 2 or 5 times a power of ten, not less than wanted."""
    if not wanted > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= wanted * (1 - 1e-9)), 10 * power)


def upright(values: Sequence[float], *, may_be_log: bool, lane: bool = False, fence: float = 6) -> Axis:
    """The upright axis of a plot of values, with a little air above and below; outliers do not set its scale.

    With a `lane`, there is room below it for what has no value. Values farther than `fence` times the middle half's spread from
    that half do not set the scale.
    """
    low, high = _limits(values, fence)
    bottom = HEIGHT - BOTTOM - (LANE if lane else 0)
    if may_be_log and low > 0 and high / low > _LOG_FROM:
        return Axis(low / 1.2, high * 1.2, bottom, TOP, log=True)
    air = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return Axis(low - air, high + air, bottom, TOP)


def counting(first: int, last: int) -> Axis:
    """The level axis of a plot over trials or epochs."""
    air = max((last - first) * 0.03, 0.5)
    return Axis(first - air, last + air, LEFT, WIDTH - RIGHT)


def frame(across: Axis, up: Axis, name: str) -> list[str]:
    """The grid, the numbers and the name of the level axis."""
    drawn = []
    for value, text in up.ticks():
        drawn += [segment(LEFT, up.at(value), WIDTH - RIGHT, up.at(value), "grid")]
        drawn += [label(text, LEFT - 7, up.at(value) + 4, "end")]
    for value, _ in across.ticks(6):
        if value == round(value):
            drawn += [label(str(round(value)), across.at(value), HEIGHT - BOTTOM + 18)]
            drawn += [segment(across.at(value), HEIGHT - BOTTOM, across.at(value), HEIGHT - BOTTOM + 4, "axis")]
    drawn += [segment(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis")]
    drawn += [label(name, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 7, class_="name")]
    return drawn


def off_scale(up: Axis, values: Sequence[float]) -> list[str]:
    """Says in the plot that lines run along its edge, where some do."""
    below = [label("↓ more below", LEFT + 6, up.start - 6, "start", "far")] if min(values) < up.low else []
    above = [label("↑ more above", LEFT + 6, up.end + 12, "start", "far")] if max(values) > up.high else []
    return below + above


def _limits(values: Sequence[float], fence: float) -> tuple[float, float]:
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    if len(ordered) >= _FEW:
        quarter, three = ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]
        reach = fence * (three - quarter)
        if reach > 0:
            inside = [value for value in ordered if quarter - reach <= value <= three + reach]
            low, high = inside[0], inside[-1]
    return low, high
