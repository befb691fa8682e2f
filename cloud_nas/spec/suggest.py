"""Did you mean: the nearest of the names that could stand in a place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_LISTED = 12
_LONGEST_COMPARED = 80


def nearest(word: str, names: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The one of `names` that `word` was probably meant to be, or None; case and `-`/`_` do not count.

    `cutoff`, from 0 to 1, is how alike they have to be.
    """
    if len(word) > _LONGEST_COMPARED:
        return None
    plain = {_plain(name): name for name in sorted(names, reverse=True)}
    found = difflib.get_close_matches(_plain(word), list(plain), n=1, cutoff=cutoff)
    return plain[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str], *, what: str = "it can be") -> str | None:
    """`did you mean "…"?`, or the list of what there is, or None where there is nothing."""
    names = list(names)
    near = nearest(word, names)
    if near is not None:
        return f'did you mean "{near}"?'
    if not names:
        return None
    return f"{what} {listed(names)}"


def listed(names: Iterable[str]) -> str:
    """`a, b, c`, cut where there are too many to read."""
    names = list(names)
    shown = ", ".join(names[:_MOST_LISTED])
    return shown if len(names) <= _MOST_LISTED else f"{shown}, … ({len(names)} in all)"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
