"""A definition as it travels: it names nothing of the machine that it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path, PurePath

from local_engine.definition import Callback, Definition, ModelSpace

USER = "user"
"""The folder of the user's code, beside the definition."""

_BUILTIN = "builtin:"


def portable(definition: Definition, name_of: Callable[[Path], str]) -> Definition:
    """The definition with its code in `user/` and its data by name alone: where they lie at home is nobody's business.

    Args:
        definition: as at home, its code in files.
        name_of: says what a file of the user's is called in `user/`.
    """
    space, code, data = definition.space, definition.code, definition.data
    test = PurePath(data.split.test).name if isinstance(data.split.test, str) else data.split.test
    return dataclasses.replace(
        definition,
        data=dataclasses.replace(
            data,
            source=data.source if data.source.startswith(_BUILTIN) else PurePath(data.source).name,
            split=dataclasses.replace(data.split, test=test),
        ),
        space=ModelSpace(None if space.file is None else f"{USER}/{name_of(Path(space.file))}", space.name),
        train=dataclasses.replace(
            definition.train, callbacks=tuple(_callback(one, name_of) for one in definition.train.callbacks)
        ),
        code=dataclasses.replace(code, root=USER),
    )


def _callback(callback: Callback, name_of: Callable[[Path], str]) -> Callback:
    file, colon, name = callback.name.rpartition(":")
    return dataclasses.replace(callback, name=f"{USER}/{name_of(Path(file))}:{name}") if colon else callback
