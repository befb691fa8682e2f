"""Which files a model file needs from its own folder: found by reading imports, so that nothing has to run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from local_engine.space import frozen

_OURS = ("local_engine", "cloud_nas")


def closure(file: Path, folders: Sequence[Path]) -> list[Path]:
    """`file` and all it imports from `folders`, and what those import, in the order found.

    Imports inside functions count. A file that cannot be parsed is in the list, and what it imports is not.
    """
    found: dict[Path, None] = {file: None}
    queue = [file]
    while queue:
        current = queue.pop(0)
        for name in _imported(current, folders):
            for path in _files_of(name, folders):
                if path not in found:
                    found[path] = None
                    queue.append(path)
    return list(found)


def _imported(file: Path, folders: Sequence[Path]) -> Iterator[str]:
    """The dotted names that `file` may import; of `from a import b` both `a` and `a.b`."""
    try:
        tree = ast.parse(frozen.source_of(file))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = _package(file, folders, node.level)
            base = ".".join(part for part in (package, node.module) if part)
            yield base
            yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)


def _package(file: Path, folders: Sequence[Path], level: int) -> str:
    """The package that a relative import of this level starts from, dotted; empty for an absolute one."""
    if level == 0:
        return ""
    folder = file.parents[level - 1]
    root = next((root for root in folders if folder.is_relative_to(root)), folder)
    return ".".join(folder.relative_to(root).parts)


def _files_of(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    """The files in `folders` that importing `name` runs: the module and the packages above it."""
    parts = name.split(".")
    if not parts[0] or parts[0] in _OURS:
        return
    for folder in folders:
        for count in range(1, len(parts) + 1):
            stem = folder.joinpath(*parts[:count])
            for path in (stem / "__init__.py", stem.with_name(stem.name + ".py")):
                if path.is_file():
                    yield path
                    break
