"""The user's files as a search keeps them: those it imported, and those its callbacks come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from local_engine.definition import Definition
from local_engine.space.sources import closure

if TYPE_CHECKING:
    from local_engine.space.builder import Builder

CODE = "code"
"""The folder, in the search's own."""


def contents_of(definition: Definition, builder: Builder) -> dict[Path, bytes]:
    """Each file's content, as the builder imported it; of callbacks, as it is."""
    contents = dict(builder.contents)
    root = Path(definition.code.root or ".").resolve()
    for callback in definition.train.callbacks:
        file, colon, _ = callback.name.rpartition(":")
        path = (root / file).resolve()
        if colon and path.is_file():
            for needed in closure(path, [path.parent, root]):
                contents.setdefault(needed.resolve(), needed.read_bytes())
    return contents
