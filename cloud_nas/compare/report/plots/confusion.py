"""Which classes a model takes for which: a cell for each pair, the darker the more of a class's rows are in it."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.compare.report.plots.drawing import element, image, label
from cloud_nas.compare.report.words import shortened

WIDTH, LEFT, TOP, FOOT = 440, 84, 10, 40
MOST = 20
"""Classes that are drawn; more cannot be read."""

_SHADES = 5


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str], identity: str, title: str) -> str | None:
    """Rows by their class (down) and by what was predicted (across); None where there are too many classes to draw."""
    size = len(classes)
    if not 2 <= size <= MOST:
        return None
    cell = (WIDTH - LEFT - 8) / size
    drawn = []
    for row, (name, line) in enumerate(zip(classes, counts, strict=True)):
        total = sum(line)
        y = TOP + row * cell
        drawn.append(label(shortened(name, 11), LEFT - 6, y + cell / 2 + 4, "end"))
        drawn.append(label(shortened(name, max(2, int(cell / 7))), LEFT + row * cell + cell / 2, TOP + size * cell + 16))
        for column, count in enumerate(line):
            share = count / total if total else 0.0
            shade = min(_SHADES, int(share * _SHADES + 0.999))
            x = LEFT + column * cell
            drawn.append(element("rect", x=x, y=y, width=cell - 1, height=cell - 1, class_=f"cell s{shade}"))
            if count:
                drawn.append(label(str(count), x + cell / 2, y + cell / 2 + 4, class_=f"count s{shade}"))
    drawn.append(label("predicted", LEFT + size * cell / 2, TOP + size * cell + 34, class_="name"))
    right = sum(counts[one][one] for one in range(size))
    wrong = max(
        ((counts[a][b], a, b) for a in range(size) for b in range(size) if a != b), key=lambda found: found[0], default=(0, 0, 0)
    )
    said = f"{right} of {sum(map(sum, counts))} rows are right."
    if wrong[0]:
        said += f" Most often {classes[wrong[1]]} is taken for {classes[wrong[2]]}: {wrong[0]} times."
    return image(identity, WIDTH, TOP + size * cell + FOOT, title, said, drawn, "confusion")
