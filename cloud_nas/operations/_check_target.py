"""`check --on T`: what a place would refuse or do otherwise, as diagnostics at the spec's own lines."""

from __future__ import annotations

from cloud_nas.errors import CloudNasError, MissingExtraError, UsageError
from cloud_nas.operations.plan import plan
from cloud_nas.spec import Diagnostic, LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import JobName

_REFUSED = "CN510"
_NOBODY = JobName("r-00000", 1, "", "")


def look_at_target(loaded: LoadedSpec, on: str) -> list[Diagnostic]:
    """What the plan of a valid spec at a target says: its losses as warnings, what the place cannot take as an error.

    Raises:
        UsageError: there is no such target.
    """
    if not isinstance(find(on), Submits):
        return []
    try:
        made = plan(loaded, on=on, name=_NOBODY)
    except MissingExtraError as error:
        return [loaded.diagnostic(error.code or _REFUSED, "targets", error.message, hint=error.hint, severity="warning")]
    except UsageError as error:
        return [loaded.diagnostic(error.code or _REFUSED, "targets", error.message, hint=error.hint)]
    except CloudNasError:  # the data or the model, which `check` has looked at by itself
        return []
    return [
        loaded.diagnostic(one.code, one.path, f"{on}: {one.kind}: {one.what}", hint=one.why, severity="warning")
        for one in made.losses
    ]
