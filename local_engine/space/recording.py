"""What a Keras Tuner script hands to its tuner and to `search`, written down instead of done.

The stand-in's tuners, and those of an installed keras-tuner while a file is imported, report here. One recording is in effect at
a time, for as long as a file is being imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


class SearchReached(BaseException):
    """`search` was called: the import ends here. Not an Exception, so that the file's own `except` lets it through."""


class FitReached(BaseException):
    """A model's `fit` was called while the file is imported."""


@dataclass(frozen=True)
class Site:
    """A line of the user's code."""

    file: str
    line: int


@dataclass(frozen=True)
class Call:
    """A tuner or an oracle that was made, or a search that was begun.

    `kind` is Keras Tuner's own class (of a subclass, the nearest above it), or "search"; `made` the object, or a search's tuner.
    """

    kind: str
    made: Any
    arguments: Mapping[str, Any]
    site: Site | None


@dataclass
class Recording:
    """All calls of one import, in order. `owns` tells whether a file name is the user's."""

    owns: Callable[[str], bool]
    tuners: list[Call] = field(default_factory=list)
    oracles: list[Call] = field(default_factory=list)
    searches: list[Call] = field(default_factory=list)

    def site(self) -> Site | None:
        """The nearest line of the user's code that led here."""
        frame = sys._getframe(1)
        while frame is not None:
            if self.owns(frame.f_code.co_filename):
                return Site(frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back  # type: ignore[assignment]
        return None


_current: Recording | None = None


@contextmanager
def recording(owns: Callable[[str], bool]) -> Iterator[Recording]:
    """Puts a new recording in effect."""
    global _current
    before, _current = _current, Recording(owns)
    try:
        yield _current
    finally:
        _current = before


def note_tuner(made: Any, kind: str, arguments: Mapping[str, Any]) -> None:
    """A tuner is being made: writes it down, once, and gives it the attributes that scripts look at before they search."""
    if _current is not None and not any(call.made is made for call in _current.tuners):
        _current.tuners.append(Call(kind, made, arguments, _current.site()))
    made.hypermodel = arguments.get("hypermodel")
    made.oracle = arguments.get("oracle")
    made.directory = arguments.get("directory") or "."
    made.project_name = arguments.get("project_name") or "untitled_project"


def note_oracle(made: Any, kind: str, arguments: Mapping[str, Any]) -> None:
    """An oracle is being made."""
    if _current is not None and not any(call.made is made for call in _current.oracles):
        _current.oracles.append(Call(kind, made, arguments, _current.site()))


def note_search(tuner: Any, arguments: Mapping[str, Any]) -> None:
    """A search begins: writes it down and ends the import.

    Raises:
        SearchReached: always, while a file is imported.
        RuntimeError: outside of an import, where there is nothing that could search.
    """
    if _current is None:
        raise RuntimeError("tuner.search() cannot run here: cloud-nas searches itself, with this file's builder")
    _current.searches.append(Call("search", tuner, arguments, _current.site()))
    raise SearchReached


def note_fit() -> None:
    """A model's `fit` was called.

    Raises:
        FitReached: always.
    """
    raise FitReached
