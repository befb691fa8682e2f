"""What our container wrote into the bucket: how far a study is, and why it failed. Log lines are never read for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.targets import study
from cloud_nas.targets.looking import or_none
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.storage import Storage

_LONGEST = 64 * 1024


def progress(remote: Remote) -> Mapping[str, Any] | None:
    """The last `progress.json`; None before the first trial has ended, or where it is of another version."""
    return study.current(Storage(remote.place).read_json(f"{naming.study_uri(remote.place, remote.run_id)}{study.NAME}"))


def failure(remote: Remote, trial: int | None = None) -> str | None:
    """What our container wrote about why it, or that of a trial, ended with an error; None where it wrote nothing."""
    folder = naming.own_uri(remote) + ("" if trial is None else f"{trial + 1}/")
    content = Storage(remote.place).read(f"{folder}{naming.FAILURE}", limit=_LONGEST)
    return None if content is None else content.decode(errors="replace").strip() or None


def reason_of(remote: Remote, trial: int, told: Mapping[str, Any]) -> str | None:
    """Why a trial failed: what our container wrote, which tells more, else what the service tells of it."""
    return or_none(lambda: failure(remote, trial)) or told.get("infeasibleReason") or None
