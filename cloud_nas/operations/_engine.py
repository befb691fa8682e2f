"""The engine is an optional part, and it has errors of its own: both are told in this package's words."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator

from cloud_nas.errors import MissingExtraError, from_engine
from local_engine.errors import EngineError

INSTALL = 'pip install "cloud-nas[local]"'
_PARTS = ("tensorflow", "keras", "optuna", "pandas", "sklearn", "pyarrow", "skops")


def missing_parts() -> tuple[str, ...]:
    """The packages of the extra `local` that are not installed; finding out imports none of them."""
    return tuple(name for name in _PARTS if importlib.util.find_spec(name) is None)


def require_engine() -> None:
    """Ends here where this machine cannot search.

    Raises:
        MissingExtraError: a package of the extra `local` is not installed.
    """
    missing = missing_parts()
    if missing:
        raise MissingExtraError(f"searching and predicting here need {', '.join(missing)}, not installed", hint=INSTALL)


@contextlib.contextmanager
def in_our_words() -> Iterator[None]:
    """Turns the engine's errors into ours; what the user's own code prints goes to stderr, since stdout is for data."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except EngineError as error:
        raise from_engine(error) from error
