"""What the engine raises. One tree, drawn here:

    EngineError                     something the user can mend; never a defect of ours
    ├── DataError                   a source that cannot be read, a column that is not there, a part left empty
    ├── BuilderError                the user's file cannot be imported, or its function cannot be called
    │   └── FitAtImportError        importing the file trains a model
    ├── TrialError                  one trial failed; the search goes on
    ├── StrategyError               a strategy or an option that does not exist, or an option out of range
    ├── StorageError                a study's database that cannot be opened, or is of a newer version
    ├── DiskError                   no room on the disk, or a folder that cannot be written to; what was found so far stays
    └── MissingDependencyError      an optional package is not installed; carries the install line

Each carries `hint` (the way out, one line) and, where it is known, `where` (a path, or path:line).
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of all that the engine raises on purpose.

    Args:
        message: what happened, one line, without a full stop.
        hint: what to do about it, one line, or None.
        where: the file, or file:line, that it is about, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where


class DataError(EngineError):
    """The data cannot be used as the definition asks."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        where: str | None = None,
        field: str | None = None,
        choices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, where=where)
        self.field = field
        """The key of the spec it is about, dotted (`data.target`, `data.split.test`), or None."""
        self.choices = choices
        """What could stand there instead (column names), for a did-you-mean."""


class BuilderError(EngineError):
    """The user's model file or function does not work.

    `line` is the line in the user's file where it is known, from 1.
    """

    def __init__(self, message: str, *, hint: str | None = None, where: str | None = None, line: int | None = None) -> None:
        super().__init__(message, hint=hint, where=where)
        self.line = line


class FitAtImportError(BuilderError):
    """Importing the user's file trains a model, so every worker would train it again."""


class TrialError(EngineError):
    """One trial failed. `reason` is short and the same for failures of the same kind."""

    @property
    def reason(self) -> str:
        """The short reason, as the trial's record has it."""
        return self.message


class StrategyError(EngineError):
    """A strategy, or one of its options, is not there or not usable."""


class StorageError(EngineError):
    """A study's storage cannot be opened."""


class DiskError(EngineError):
    """The disk is full, or the folder cannot be written to. Nothing is lost: what was written before is whole."""


class MissingDependencyError(EngineError):
    """An optional package is needed and not installed; `hint` is the install line."""
