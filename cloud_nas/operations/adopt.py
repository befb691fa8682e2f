"""`adopt` and `orphans`: a cloud's own tags tell of jobs that this machine has forgotten, or never knew."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import CloudNasError, CredentialsError, UsageError
from cloud_nas.operations._job_name import owner as this_owner
from cloud_nas.operations._remote import after
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.spec import load
from cloud_nas.spec.places import Targets
from cloud_nas.states import LIVE, RunState
from cloud_nas.targets import find, names
from cloud_nas.targets.base import Submits
from cloud_nas.targets.remote import Found


@dataclass(frozen=True)
class Job:
    """A job at a cloud that carries our tags; `adopted`: its run is in the registry now, and was not before."""

    run_id: str
    name: str
    target: str
    remote: str
    attempt: int
    owner: str
    state: RunState
    created_at: str
    adopted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


def adopt(
    on: str | None = None,
    *,
    all_owners: bool = False,
    spec: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> list[Job]:
    """Writes the runs of jobs that carry our tags into this machine's registry; those that are there are left as they are.

    Of several attempts at a run the last counts. What was searched is not in the tags: `submit` with the same spec finds the run.

    Args:
        on: the target; None: every one that takes jobs.
        all_owners: everybody's jobs, not only one's own.
        spec: a spec whose `targets:` say where to look; the configuration's else.
        profile: a profile of the configuration.
        note: told which cloud was left out, where all are asked and this machine is not set up for one.

    Returns:
        All jobs that were found, the newest first.

    Raises:
        UsageError: the target takes no jobs, or where to look is not known.
        CredentialsError, UnreachableError: the cloud does not know who is asking, or does not answer.
    """
    last: dict[str, Found] = {}
    for found in _found(on, all_owners, spec, profile, note):
        known = last.get(found.remote.run_id)
        if known is None or known.remote.attempt < found.remote.attempt:
            last[found.remote.run_id] = found
    with Registry() as registry, registry.transaction():
        jobs = [_job(found, adopted=_write(registry, found)) for found in last.values()]
    return sorted(jobs, key=lambda one: one.created_at, reverse=True)


def orphans(
    on: str | None = None,
    *,
    all_owners: bool = False,
    cancel: bool = False,
    confirm: Callable[[list[Job]], bool] = lambda jobs: True,
    spec: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> list[Job]:
    """Jobs that carry our tags and are in no run of this machine's registry; nothing is written.

    Args:
        on: the target; None: every one that takes jobs.
        all_owners: everybody's jobs, not only one's own.
        cancel: end those that are at work.
        confirm: asked with those before any is ended.
        spec: a spec whose `targets:` say where to look; the configuration's else.
        profile: a profile of the configuration.
        note: as `adopt`.

    Returns:
        The jobs, the newest first; those that were ended are `stopping`.

    Raises:
        UsageError, CredentialsError, UnreachableError: as `adopt`.
    """
    with Registry() as registry:
        known = {row.run_id: row for row in registry.rows()}
    lost = [
        found for found in _found(on, all_owners, spec, profile, note) if not _is_known(found, known.get(found.remote.run_id))
    ]
    at_work = [found for found in lost if found.state.state in LIVE]
    ended: set[str] = set()
    if cancel and at_work and confirm([_job(found) for found in at_work]):
        for found in at_work:
            target = find(found.target)
            assert isinstance(target, Submits)
            target.cancel(found.remote)
            ended.add(found.remote.name)
    jobs = [_job(found, state="stopping" if found.remote.name in ended else None) for found in lost]
    return sorted(jobs, key=lambda one: one.created_at, reverse=True)


def _is_known(found: Found, row: RunRow | None) -> bool:
    """Whether a run here knows the job: its own, or that of an earlier attempt, which its registry saw end."""
    if row is None or row.attempt < found.remote.attempt:
        return False
    return row.attempt > found.remote.attempt or row.nonce == found.remote.nonce


def _found(
    on: str | None,
    all_owners: bool,
    spec: str | os.PathLike[str] | None,
    profile: str | None,
    note: Callable[[str], None],
) -> list[Found]:
    """The jobs of one target or of all.

    Where all are asked, a cloud that this machine is not set up for is left out and told, unless there is no other.
    """
    targets = {name: find(name) for name in ([on] if on else names())}
    submits = {name: target for name, target in targets.items() if isinstance(target, Submits)}
    if not submits:
        raise UsageError(f"{on} takes no jobs: it is this machine", hint="--on sagemaker:tuning, vertex:tuning, ...")
    sections = Targets() if spec is None else load(spec, profile=profile).spec.targets
    whose = None if all_owners else this_owner()
    jobs: list[Found] = []
    silent: dict[str, CloudNasError] = {}
    for name, target in submits.items():
        if _section(name) in silent:
            continue
        try:
            jobs += target.find(_place(sections, name), owner=whose)
        except (UsageError, CredentialsError) as error:
            silent[_section(name)] = error
    if {_section(name) for name in submits} == set(silent):
        raise next(iter(silent.values()))
    for section, why in silent.items():
        note(f"{section} was not asked: {why.message}")
    return jobs


def _place(sections: Targets, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = sections.model_dump(mode="json").get(_section(name), {})
    return found


def _section(name: str) -> str:
    """The section of the spec's `targets` that a target reads."""
    return name.partition(":")[0]


def _write(registry: Registry, found: Found) -> bool:
    """Whether the run is new here."""
    row = registry.find(found.remote.run_id)
    if row is not None and (row.nonce == found.remote.nonce or row.attempt > found.remote.attempt):
        return False
    fresh = RunRow(
        run_id=found.remote.run_id,
        name=found.name,
        target=found.target,
        state=found.state.state,
        spec_sha256=found.spec_sha256,
        identity=Identity.from_tag(found.identity, found.target),
        attempt=found.remote.attempt,
        remote=found.remote.name,
        created_at=found.created_at,
        nonce=found.remote.nonce,
        place={key: value for key, value in found.remote.place.items() if key != "since"},
    )
    fresh = after(fresh, found.state)
    if row is None:
        registry.create(fresh)
    else:
        registry.update(fresh)
    return row is None


def _job(found: Found, *, state: RunState | None = None, adopted: bool = False) -> Job:
    return Job(
        run_id=found.remote.run_id,
        name=found.name,
        target=found.target,
        remote=found.remote.name,
        attempt=found.remote.attempt,
        owner=found.owner,
        state=state or found.state.state,
        created_at=found.created_at,
        adopted=adopted,
    )
