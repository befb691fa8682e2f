"""Shares as bars with their names and numbers."""

from __future__ import annotations

from collections.abc import Mapping

from cloud_nas.compare.report.plots.drawing import element, image, label
from cloud_nas.compare.report.words import shortened

MOST = 10
_WIDTH, _ROW, _NAMES, _NUMBERS = 440, 30, 150, 56


def bars(shares: Mapping[str, float], identity: str, title: str) -> str | None:
    """The largest shares, in the order given; None where there are none."""
    if not shares:
        return None
    shown = list(shares.items())[:MOST]
    top = max(share for _, share in shown) or 1.0
    drawn = []
    for row, (name, share) in enumerate(shown):
        y, width = row * _ROW + 6.0, (_WIDTH - _NAMES - _NUMBERS) * share / top
        drawn.append(element("text", element("title", text=name), _escaped(name), x=_NAMES - 10, y=y + 15, text_anchor="end"))
        drawn.append(element("rect", x=_NAMES, y=y + 1, width=max(width, 1.0), height=_ROW - 12.0, rx=2, class_="bar"))
        drawn.append(label(f"{share:.0%}", _NAMES + max(width, 1.0) + 8, y + 15, "start"))
    said = ", ".join(f"{name} {share:.0%}" for name, share in shown)
    more = f"; {len(shares) - MOST} smaller ones are not drawn" if len(shares) > MOST else ""
    return image(identity, _WIDTH, len(shown) * _ROW + 8, title, f"{said}{more}.", drawn)


def _escaped(name: str) -> str:
    return element("tspan", text=shortened(name, 18))
