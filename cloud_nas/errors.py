"""What cloud-nas raises. One tree, drawn here; the command line turns it into words and exit codes in one place.

    CloudNasError                   something the user can mend, or has to know; never a defect of ours
    ├── UsageError             2    arguments that do not go together
    │   ├── SpecError          2    a spec that is not valid (5: there is no such file); carries all `diagnostics`
    │   └── MissingExtraError  2    an optional part is not installed; the hint is the install line
    ├── FailedError            1    what was asked about failed: the job, the check, the model
    ├── LossError              3    --strict refused a conversion that loses something
    ├── CredentialsError       4    nobody is logged in at the service, or may not do this
    ├── NotFoundError          5    no such run, model or file
    ├── CancelledError         6    it was cancelled
    ├── CapError               7    a cap (time, trials) ended it before anything was found
    ├── RefusedError           9    refused before anything was spent: another writer, a price, a quota, code not trusted
    └── UnreachableError      10    the service could not be reached

Each carries `code` (see `codes.py`; None where there is nothing to explain), `exit_status` and `hint`, the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from local_engine import errors as engine
from local_engine.files import FULL, says_disk_is_full

if TYPE_CHECKING:
    from cloud_nas.spec.diagnostics import Diagnostic


class CloudNasError(Exception):
    """Base of all that cloud-nas raises on purpose.

    Args:
        message: what happened, one line, without a full stop.
        hint: what to do about it, one line, or None.
        code: the code that `cloud-nas explain` knows; the class's own by default.
        where: the file, or file:line, that it is about, or None.
    """

    exit_status = 1
    default_code: str | None = None

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.where = where


class UsageError(CloudNasError):
    """Arguments that do not go together, or a value that an argument cannot have."""

    exit_status = 2


class SpecError(UsageError):
    """A spec that is not valid; `diagnostics` are all its mistakes, errors and warnings, in the file's order."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error"]
        first = errors[0]
        more = f" (+{len(errors) - 1} more)" if len(errors) > 1 else ""
        place = f"{first.file}:{first.line}:{first.column}"
        super().__init__(f"{place}: {first.message}{more}", hint=first.hint, code=first.code, where=place)
        if first.code == "CN101":
            self.exit_status = NotFoundError.exit_status


class MissingExtraError(UsageError):
    """An optional part of cloud-nas is needed and not installed."""

    default_code = "CN606"


class FailedError(CloudNasError):
    """What was asked about failed."""

    default_code = "CN602"


class LossError(CloudNasError):
    """`--strict`, and a conversion that loses something."""

    exit_status = 3
    default_code = "CN300"


class CredentialsError(CloudNasError):
    """The service does not know who is asking, or does not allow it."""

    exit_status = 4
    default_code = "CN501"


class NotFoundError(CloudNasError):
    """There is no such run, model or file."""

    exit_status = 5
    default_code = "CN601"


class CancelledError(CloudNasError):
    """The run was cancelled."""

    exit_status = 6
    default_code = "CN604"


class CapError(CloudNasError):
    """A cap ended the run before anything was found."""

    exit_status = 7
    default_code = "CN605"


class RefusedError(CloudNasError):
    """Refused before anything was spent."""

    exit_status = 9
    default_code = "CN603"


class UnreachableError(CloudNasError):
    """The service could not be reached, or did not answer in time; nothing is known of what it was asked about."""

    exit_status = 10
    default_code = "CN502"


_OURS: tuple[tuple[type[engine.EngineError], type[CloudNasError], str], ...] = (
    (engine.FitAtImportError, UsageError, "CN226"),
    (engine.BuilderError, UsageError, "CN227"),
    (engine.DataError, UsageError, "CN210"),
    (engine.StrategyError, UsageError, "CN130"),
    (engine.MissingDependencyError, MissingExtraError, "CN606"),
    (engine.StorageError, FailedError, "CN607"),
    (engine.DiskError, FailedError, "CN608"),
    (engine.TrialError, FailedError, "CN602"),
)


def from_engine(error: engine.EngineError) -> CloudNasError:
    """The same mistake, in this tree; message, hint and place stay as they are."""
    for theirs, ours, code in _OURS:
        if isinstance(error, theirs):
            return ours(error.message, hint=error.hint, code=code, where=_place(error))
    return FailedError(error.message, hint=error.hint, where=_place(error))


def known(error: BaseException) -> CloudNasError | None:
    """The mistake that `error` is, in this tree; None where nobody foresaw it."""
    if isinstance(error, engine.EngineError):
        return from_engine(error)
    if isinstance(error, CloudNasError):
        return error
    return FailedError(FULL, hint="make room, then do it again", code="CN608") if says_disk_is_full(error) else None


def _place(error: engine.EngineError) -> str | None:
    """`where`, with the line where the error knows one."""
    line = getattr(error, "line", None)
    if error.where is None or line is None or error.where.endswith(f":{line}"):
        return error.where
    return f"{error.where}:{line}"
