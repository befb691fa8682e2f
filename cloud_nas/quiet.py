"""TensorFlow writes dozens of lines while it is imported and looks for devices; they are not about the user's work."""

from __future__ import annotations

import functools
import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_FATAL_ONLY = "3"


def quiet_tensorflow() -> None:
    """Silences TensorFlow's native log, before it is imported; where the user has set its level, that counts and nothing is done.

    oneDNN is left off too: it announces itself at each start, and its rounding differs from one kind of processor to the next.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    if LEVEL in os.environ:
        return
    os.environ[LEVEL] = _FATAL_ONLY
    mute_import()


def mute_import() -> None:
    """Mutes the import of `tensorflow` itself, where its log is to have nothing but what is fatal."""
    if os.environ.get(LEVEL) == _FATAL_ONLY and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Mutes the import of `tensorflow`: some lines come before the level above is read."""

    def __init__(self) -> None:
        self._looking = False

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """TensorFlow's own spec, whose loader is muted; None for any other module."""
        if fullname != "tensorflow" or self._looking:
            return None
        self._looking = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._looking = False
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = functools.partial(_import_muted, spec.loader.exec_module)  # type: ignore[method-assign]
        return spec


def _import_muted(import_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    with _muted():
        import_module(module)
        module.config.list_physical_devices()  # says at its first call what it did not find
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of tracing a new model, which a search does all the time


@contextmanager
def _muted() -> Iterator[None]:
    """Keeps what native code writes to stderr, and shows it only where the block fails."""
    sys.stderr.flush()
    before = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(before, 2)
            kept.seek(0)
            os.write(2, kept.read())
            raise
        finally:
            os.dup2(before, 2)
            os.close(before)
