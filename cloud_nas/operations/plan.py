"""`plan`: what would be made of a search at a place, before anything is sent: requests, uploads, losses, cost, permissions."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError, LossError, MissingExtraError, NotFoundError, UsageError
from cloud_nas.operations._budget import with_budget
from cloud_nas.operations._job import PreparedJob, prepare_job
from cloud_nas.operations._job_name import new_name
from cloud_nas.runs.identity import Identity
from cloud_nas.spec import LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import JobName
from cloud_nas.targets.plan import Cost, Loss, Plan, Remains, Request, Upload
from local_engine.events import Note
from local_engine.files import read_json, write_json

SCHEMA = "cloud-nas/plan@1"


@dataclass(frozen=True)
class PlanResult:
    """A plan, and what it was made from, by which it is known whether it still holds.

    `options` are those that `plan` was called with beside the spec. `prepared` is None where the plan was read from a file.
    """

    plan: Plan
    spec_path: str
    spec_sha256: str
    identity: Identity
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    prepared: PreparedJob | None = field(default=None, repr=False, compare=False)

    @property
    def target(self) -> str:
        """As `--on` has it."""
        return self.plan.target

    @property
    def requests(self) -> tuple[Request, ...]:
        """The calls to the service, exactly as they would be sent."""
        return self.plan.requests

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The files that would travel."""
        return self.plan.uploads

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What the place does otherwise than the spec says."""
        return self.plan.losses

    @property
    def max_cost(self) -> Cost | None:
        """The most that it can cost; None where a price is not known."""
        return self.plan.max_cost

    @property
    def permissions(self) -> Mapping[str, Any]:
        """The policies that are needed, by whose they are."""
        return self.plan.permissions

    @property
    def remains(self) -> tuple[Remains, ...]:
        """What stays at the place when the job has ended."""
        return self.plan.remains

    def to_json(self) -> dict[str, Any]:
        """The keys that `plan --json` promises, and what the plan was made from."""
        spec = {"path": self.spec_path, "sha256": self.spec_sha256, "options": dict(self.options)}
        return self.plan.to_json() | {"spec": spec, "identity": dataclasses.asdict(self.identity)}

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Writes it to a file that `submit` takes."""
        write_json(Path(path), {"schema": SCHEMA} | self.to_json())
        return Path(path)


def plan(
    spec: str | os.PathLike[str] | LoadedSpec,
    *,
    on: str,
    spot: bool | None = None,
    max_trials: int | None = None,
    max_time: float | str | None = None,
    profile: str | None = None,
    strict: bool = False,
    wheels: bool = True,
    name: JobName | None = None,
    note: Callable[[Note], None] = lambda note: None,
) -> PlanResult:
    """What would be made of a search at a place. Sends nothing and needs no credentials.

    Args:
        spec: a spec's file, or what `load` made of it.
        on: a target that submits, such as `sagemaker:tuning` or `vertex:tuning`.
        spot: train on spare capacity; None: as the spec says.
        max_trials: the most configurations, in place of the spec's `budget.trials`.
        max_time: the longest the search may take, in place of `budget.time`.
        profile: a profile of the project's or the user's configuration, where `spec` is a file.
        strict: refuse a conversion that drops or approximates something.
        wheels: whether what the place's image lacks travels too.
        name: the job's; a new run's first attempt when None.
        note: told what the user should know of the data.

    Raises:
        SpecError: the spec is not valid.
        UsageError: the place cannot run such a search, or a setting is missing that it needs.
        LossError: `strict`, and something is lost.
        MissingExtraError: the engine is needed to see the space, and not installed.
    """
    loaded = with_budget(spec, profile, trials=max_trials, time=max_time)
    with contextlib.redirect_stdout(sys.stderr):  # what the user's code prints is no part of the plan
        prepared = prepare_job(loaded, on, name=name or new_name(), note=note, spot=spot, wheels=wheels)
    options = {"on": on, "spot": spot, "max_trials": max_trials, "max_time": max_time, "profile": profile, "wheels": wheels}
    made = planned(prepared, on, strict=strict)
    if prepared.overlap.count:
        text = f"{prepared.overlap}: submit refuses that, unless --allow-overlap"
        made = dataclasses.replace(made, notes=(*made.notes, text))
    return PlanResult(made, str(loaded.path), loaded.sha256, prepared.identity, options, prepared=prepared)


def planned(prepared: PreparedJob, on: str, *, strict: bool = False) -> Plan:
    """The plan of a prepared job, held against the place's own rules.

    Raises:
        UsageError: the place would refuse it.
        LossError: `strict`, and something is lost.
    """
    target = find(on)
    made = target.plan(prepared.job)
    try:
        problems = target.validate(made) if isinstance(target, Submits) else ()
    except MissingExtraError as error:  # a plan needs no SDK; what is sent is looked at again before
        made = dataclasses.replace(made, notes=(*made.notes, f"not held against the service's model: {error.message}"))
        problems = ()
    if problems:
        more = f" (+{len(problems) - 1} more)" if len(problems) > 1 else ""
        raise UsageError(
            f"{on} would refuse this: {problems[0]}{more}", hint="see the rule in the place's own pages", code="CN510"
        )
    lost = [one for one in made.losses if one.kind != "added"]
    if strict and lost:
        shown = ", ".join(f"{one.path} ({one.code})" for one in lost)
        raise LossError(
            f"{on} cannot carry {len(lost)} of the spec's values: {shown}",
            hint=f"`cloud-nas plan {prepared.loaded.path.name} --on {on}` tells of each",
            where=str(prepared.loaded.path),
        )
    return made


def read_plan(path: str | os.PathLike[str]) -> PlanResult:
    """The plan that `write` wrote.

    Raises:
        NotFoundError: there is no such file.
        FailedError: it is no plan of ours.
    """
    file = Path(path)
    if not file.is_file():
        raise NotFoundError(f"no such file: {path}", where=str(path))
    try:
        value = read_json(file)
        if value.get("schema") != SCHEMA:
            raise KeyError("schema")
        spec = value["spec"]
        identity = Identity(**value["identity"])
        return PlanResult(Plan.from_json(value), spec["path"], spec["sha256"], identity, spec["options"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "cloud-nas plan SPEC --on TARGET --out plan.json writes one"
        raise FailedError(f"{file.name} is no plan that this version reads", hint=hint, where=str(path)) from error


def plan_again(saved: PlanResult, *, note: Callable[[Note], None] = lambda note: None) -> PlanResult:
    """The plan that the same spec makes now, with the same options and name; equal to `saved` where that still holds.

    Raises:
        CloudNasError: as `plan`.
    """
    return plan(saved.spec_path, name=saved.plan.name, note=note, **saved.options)


def changes(saved: PlanResult, now: PlanResult) -> tuple[str, ...]:
    """In what a saved plan no longer holds, in words; nothing where what it shows is exactly what would be made."""
    found = [f"the {what} changed" for what in saved.identity.differences(now.identity)]
    if saved.spec_sha256 != now.spec_sha256 and not found:
        found.append("the spec changed")
    before, after = saved.plan.to_json(), now.plan.to_json()
    for key in ("requests", "uploads", "losses", "max_cost"):
        if _as_read(before[key]) != _as_read(after[key]):
            found.append(f"{key} would be others")
    return tuple(found)


def _as_read(value: Any) -> Any:
    """A value as it comes back from a file: tuples are lists there."""
    import json

    return json.loads(json.dumps(value))
