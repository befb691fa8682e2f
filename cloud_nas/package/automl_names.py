"""What columns and classes are called for a service's own AutoML, which takes fewer names than a table has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_COLUMN = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_FOLDER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Names:
    """`columns` has the sent name of each feature, in order; `target` is the sent name of what is predicted."""

    columns: dict[str, str]
    target: str


def columns(names: Iterable[str], target: str | None) -> Names:
    """Letters, digits and single underscores, a letter first, unique without regard to case; a fitting name stays as it is.

    Autopilot's engine refuses double underscores, and nothing is published on other characters.

    Args:
        names: the features' names.
        target: the target's own name; `label` where it has none.
    """
    taken: set[str] = set()
    wanted = target or "label"
    sent = {name: _unique(_column(name), taken) for name in names}
    return Names(sent, _unique(_column(wanted), taken))


def folders(classes: Iterable[str]) -> dict[str, str]:
    """The folder of each class of images: its name where that is plain, unique without regard to case."""
    taken: set[str] = set()
    return {name: _unique(name if _FOLDER.fullmatch(name) else _column(name), taken) for name in classes}


def labels(classes: Iterable[str]) -> dict[str, str]:
    """The label of each class of images where a label has to begin with a letter: `c_0`, `c_1`, ..., in the classes' order."""
    return {name: f"c_{number}" for number, name in enumerate(classes)}


def _column(name: str) -> str:
    if _COLUMN.fullmatch(name) and len(name) <= 64:
        return name
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:60] or "x"
    return plain if plain[0].isalpha() else f"c_{plain}"


def _unique(name: str, taken: set[str]) -> str:
    found, count = name, 2
    while found.lower() in taken:
        found, count = f"{name}_{count}", count + 1
    taken.add(found.lower())
    return found
