"""Held-out rows that are also among those that train or are chosen by: what they tell of a model is not what new rows would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import RefusedError
from local_engine.definition import Data

CODE = "CN702"


@dataclass(frozen=True)
class Overlap:
    """So many of the held-out rows are also, label and all, in training or validation."""

    count: int
    held_out: int

    def __str__(self) -> str:
        return f"{self.count} of the {self.held_out} held-out rows are also in training or validation"

    def check(self, *, allowed: bool, note: Callable[[str], None], whose: str | None = None) -> None:
        """Refuses such rows; where they are allowed, they are said.

        Args:
            allowed: whether they may be.
            note: told of them.
            whose: the model that they are of.

        Raises:
            RefusedError: there are some, and they may not be.
        """
        if not self.count:
            return
        said = str(self) if whose is None else f"{whose}: {self}"
        if not allowed:
            hint = "take the copies out of the data, or say that it does not matter: --allow-overlap"
            raise RefusedError(said, hint=hint, code=CODE)
        note(said)


def refuse_as_code(data: Data, files: Iterable[Path]) -> None:
    """Refuses the data's own files among those that are included as code: held-out rows would travel in them.

    Args:
        data: what is searched on.
        files: what `code.include` comes to.

    Raises:
        RefusedError: such a file is among them.
    """
    holds = Path(data.split.test if isinstance(data.split.test, str) else data.source).resolve()
    for file in files:
        if file.resolve().is_relative_to(holds):
            raise RefusedError(
                f"{file.name} holds held-out rows and would travel as code",
                hint="take it out of `code: {include: ...}`; rows travel by themselves",
                code=CODE,
                where=str(file),
            )
