"""Why there is nothing to bring home, in the same words whatever cloud a job is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import FailedError, NotFoundError
from cloud_nas.states import Best
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.study import best_of


def no_best(remote: Remote, *, has_ended: bool) -> FailedError:
    """The job has no best trial: none came of it, or it is too early."""
    if has_ended:
        return FailedError(f"{remote.run_id} has ended without a best trial", hint=trials_hint(remote))
    return FailedError(f"{remote.run_id} has no model yet", hint=f"cloud-nas wait {remote.run_id}")


def no_trial(remote: Remote, trial: int, last: int | None) -> NotFoundError:
    """There is no such trial; `last` is the highest number, None: there are none."""
    hint = "it has no trials yet" if last is None else f"it has trials 0 to {last}"
    return NotFoundError(f"no trial {trial} in {remote.run_id}", hint=hint)


def engine_best(remote: Remote, study: Mapping[str, Any] | None, trial: int | None) -> Best | None:
    """The best trial of an engine's study, whose model is the only one that is kept; None before there is one.

    Args:
        remote: the job.
        study: what the engine last wrote.
        trial: whose model is asked for; None: the best's.

    Raises:
        NotFoundError: another trial is asked for.
    """
    best = None if study is None else best_of(study)
    if trial is None or (best is not None and trial == best.trial):
        return best
    known = [int(one["number"]) for one in (study or {}).get("trials") or ()]
    if trial not in known:
        raise no_trial(remote, trial, max(known, default=None))
    raise NotFoundError(f"the job kept the model of its best trial, not that of trial {trial}", hint=f"fetch {remote.run_id}")


def trials_hint(remote: Remote) -> str:
    """The command that tells of every trial."""
    return f"cloud-nas trials {remote.run_id}"
