"""SVG elements as text. Everything that is put in is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

Point = tuple[float, float]


def element(tag: str, *inside: str, text: str | None = None, **attributes: str | int | float | None) -> str:
    """One element.

    Args:
        tag: its name.
        *inside: elements that stand in it, made by this function.
        text: what stands in it as text.
        **attributes: `class_` is class, an underscore is a hyphen, None is left out, numbers are rounded to a tenth.
    """
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"' for name, value in attributes.items() if value is not None
    )
    content = escape(text, quote=False) if text is not None else "".join(inside)
    return f"<{tag}{named}>{content}</{tag}>" if content else f"<{tag}{named}/>"


def image(identity: str, width: float, height: float, title: str, description: str, inside: Iterable[str], kind: str = "") -> str:
    """A whole drawing; `identity` is unique on the page."""
    names = f"{identity}-t {identity}-d"
    return element(
        "svg",
        element("title", text=title, id=f"{identity}-t"),
        element("desc", text=description, id=f"{identity}-d"),
        *inside,
        class_=f"plot {kind}".strip(),
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_labelledby=names,
    )


def line(points: Sequence[Point], class_: str | None = None, data_t: int | None = None) -> str:
    """A line through points; `data_t` is the trial that it belongs to."""
    return element("path", d="M" + "L".join(f"{number(x)} {number(y)}" for x, y in points), class_=class_, data_t=data_t)


def segment(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def label(text: str, x: float, y: float, anchor: str = "middle", class_: str | None = None) -> str:
    """A line of text; `anchor` is start, middle or end."""
    return element("text", text=text, x=x, y=y, text_anchor=anchor, class_=class_)


def mark(state: str, x: float, y: float, trial: int, class_: str = "", size: float = 3.4) -> str:
    """The mark of a trial by its state, so that shape tells it: a disc, a ring, a cross, a square; `size` is half its width."""
    classes = f"mark {state} {class_}".strip()
    if state == "done":
        return element("circle", cx=x, cy=y, r=size, class_=classes, data_t=trial)
    if state == "pruned":
        return element("circle", cx=x, cy=y, r=size - 0.3, class_=classes, data_t=trial)
    if state == "running":
        return element("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, class_=classes, data_t=trial)
    arm = number(2 * size)
    arms = f"M{number(x - size)} {number(y - size)}l{arm} {arm}m0-{arm}l-{arm} {arm}"
    return element("path", d=arms, class_=classes, data_t=trial)


def number(value: float) -> str:
    """A coordinate: a tenth is finer than any screen shows."""
    return f"{value:.1f}".removesuffix(".0")


def _value(value: str | int | float) -> str:
    return number(value) if isinstance(value, float) else escape(str(value))
