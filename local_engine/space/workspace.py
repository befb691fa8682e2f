"""Where a user's code lives while it is imported or runs: its folder first on the path, its helper modules its own.

Two files in two folders may each have a `config.py` beside them; neither sees the other's, nor one that this process has
imported before. The working directory stays the user's, so that relative paths mean what they mean in a script.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from local_engine.space import installed, standin

_OURS = ("local_engine", "cloud_nas")
_PACKAGES = ("site-packages", "dist-packages")


class Workspace:
    """The user's folders, the first of them that of the model's file.

    Args:
        folders: absolute; code inside them is the user's, and modules are looked up there before anywhere else.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = tuple(dict.fromkeys(folder.resolve() for folder in folders))
        self._modules: dict[str, ModuleType] = {}
        self._added: list[str] = []
        self._cwd: Path | None = None
        self._depth = 0
        self.stand_in = importlib.util.find_spec("keras_tuner") is None
        """Whether the user's code gets the stand-in for keras-tuner; the installed one otherwise."""

    def owns(self, file: str) -> bool:
        """Whether `file` is the user's code, not an installed package or ours."""
        path = Path(file)
        if not path.is_absolute() or any(part in _PACKAGES for part in path.parts) or path.is_relative_to(sys.prefix):
            return False
        top = Path(__file__).parents[2]
        if any(path.is_relative_to(top / name) for name in _OURS):
            return False
        return any(path.is_relative_to(folder) or path.resolve().is_relative_to(folder) for folder in self.folders)

    def modules(self) -> dict[str, ModuleType]:
        """The user's modules imported so far, by name."""
        return dict(self._modules)

    @contextmanager
    def active(self) -> Iterator[None]:
        """The user's code runs inside; may be nested. Whatever it prints goes to stderr: stdout is for data."""
        if self._depth:
            yield
            return
        self._depth += 1
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(contextlib.redirect_stdout(sys.stderr))
                for enter in (_no_bytecode, self._directory, self._path, self._tuner_modules, self._own_modules):
                    stack.enter_context(enter())
                yield
        finally:
            self._depth -= 1

    @contextmanager
    def _path(self) -> Iterator[None]:
        """The user's folders first on the path, then what the user's code itself put there."""
        before = list(sys.path)
        importlib.invalidate_caches()
        sys.path[:0] = [str(folder) for folder in self.folders] + self._added
        start = list(sys.path)
        try:
            yield
        finally:
            self._added += [entry for entry in sys.path if entry not in start]
            sys.path[:] = before

    @contextmanager
    def _directory(self) -> Iterator[None]:
        """The working directory that the user's code changed to, if it did; this process's own afterwards."""
        before = Path.cwd()
        if self._cwd is not None:
            os.chdir(self._cwd)
        try:
            yield
        finally:
            self._cwd = Path.cwd() if Path.cwd() != before else None
            os.chdir(before)

    @contextmanager
    def _own_modules(self) -> Iterator[None]:
        """The user's modules in `sys.modules` in place of others of the same name, and out of it afterwards."""
        hidden = {name: module for name, module in sys.modules.copy().items() if self._shadows(name, module)}
        for name in hidden:
            del sys.modules[name]
        sys.modules.update(self._modules)
        before = set(sys.modules) - set(self._modules)
        try:
            yield
        finally:
            for name, module in sys.modules.copy().items():
                if name not in before and self._is_own(name, module):
                    self._modules[name] = sys.modules.pop(name)
            sys.modules.update(hidden)

    @contextmanager
    def _tuner_modules(self) -> Iterator[None]:
        """The stand-in, or the old name of an installed keras-tuner where only that is missing; gone afterwards."""
        modules: dict[str, ModuleType] = {}
        if self.stand_in:
            modules = standin.make_modules()
        elif "keras_tuner" in sys.modules and importlib.util.find_spec("kerastuner") is None:
            modules = installed.old_names()
        hidden = {name: sys.modules[name] for name in modules if name in sys.modules}
        sys.modules.update(modules)
        try:
            yield
        finally:
            for name in modules:
                sys.modules.pop(name, None)
            sys.modules.update(hidden)

    def _is_own(self, name: str, module: ModuleType) -> bool:
        if name.partition(".")[0] in _OURS:
            return False
        return any(self.owns(place) for place in _places(module))

    def _shadows(self, name: str, module: ModuleType) -> bool:
        """Whether a module of the user's would be found in the place of this one, which was imported by someone else."""
        top = name.partition(".")[0]
        if top in _OURS or top in sys.stdlib_module_names or top == "__main__":
            return False
        places = _places(sys.modules.get(top, module))
        if any(part in _PACKAGES for place in places for part in Path(place).parts):
            return False
        return any((folder / f"{top}.py").is_file() or (folder / top).is_dir() for folder in self.folders)


def _places(module: ModuleType) -> list[str]:
    """Where a module comes from: its file, or the folders of a package without one."""
    found = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return [place for place in found if isinstance(place, str)]


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Writes no `__pycache__` beside the user's files."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
