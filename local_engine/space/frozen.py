"""The user's files as they were when a search began, for processes that start later: editing them meanwhile changes no trial.

A worker that is started in the middle of a search imports what the search imported in the beginning. The modules keep their
names, places and `__file__`; only their source comes from the copy. Files that were not imported then (data beside the model's
file) are read from where they are.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Mapping
from pathlib import Path

from local_engine import files

_INDEX = "index.json"
_contents: dict[str, bytes] = {}


def keep(folder: Path, contents: Mapping[Path, bytes]) -> None:
    """Writes the files' contents into `folder`, for `use`.

    Raises:
        OSError: there is no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for number, (path, content) in enumerate(sorted(contents.items())):
        files.write_bytes(folder / f"{number}.py", content, mode=0o600)
        index[str(path)] = f"{number}.py"
    files.write_json(folder / _INDEX, index, mode=0o600)


def use(folder: Path) -> None:
    """From here on, this process imports the files that are kept in `folder` as they are kept."""
    _contents.update({path: (folder / name).read_bytes() for path, name in files.read_json(folder / _INDEX).items()})
    if _contents:
        sys.path_hooks.insert(0, importlib.machinery.FileFinder.path_hook((_KeptLoader, [".py"]), *_others()))
        sys.path_importer_cache.clear()


def source_of(path: Path) -> bytes:
    """The source of a file of the user's: as it is kept, else as it is.

    Raises:
        OSError: it cannot be read.
    """
    kept = _contents.get(str(path))
    return path.read_bytes() if kept is None else kept


def loader(name: str, path: Path) -> importlib.abc.Loader:
    """What loads `path` as the module `name`, from what is kept where it is kept."""
    return _KeptLoader(name, str(path))


class _KeptLoader(importlib.machinery.SourceFileLoader):
    """Reads a module's source from what is kept, where it is kept; bytecode of such a module is neither read nor written."""

    def get_data(self, path: str) -> bytes:
        kept = _contents.get(str(Path(path).resolve()))
        return super().get_data(path) if kept is None else kept

    def path_stats(self, path: str) -> Mapping[str, float]:
        if str(Path(path).resolve()) in _contents:
            raise OSError("its bytecode on disk may be of another version")
        return super().path_stats(path)


def _others() -> list[tuple[type, list[str]]]:
    """What Python itself looks for in a folder, but source."""
    return [
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    ]
