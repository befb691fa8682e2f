"""`clean --cloud`: what runs left at their clouds, what that costs a month, and its removal; only what is a run's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import CloudNasError, RefusedError, UsageError
from cloud_nas.operations._remote import is_remote, look, remote_of, target_of
from cloud_nas.operations._runs import folder_of, rows
from cloud_nas.operations._submit_remote import INTENTS
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE, RunState
from cloud_nas.targets.priced import Priced
from cloud_nas.targets.remote import Left, Remote
from local_engine.files import read_json


@dataclass(frozen=True)
class CloudWaste:
    """What a run left at its cloud that is its own. `monthly` is what that costs, in US dollars; None: not known."""

    run_id: str
    name: str
    state: RunState
    remote: Remote
    left: tuple[Left, ...]
    monthly: float | None

    @property
    def bytes(self) -> int:
        """Of all of it."""
        return sum(one.bytes or 0 for one in self.left)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        monthly = None if self.monthly is None else {"amount": self.monthly, "currency": "USD"}
        objects = [{"uri": one.uri, "bytes": one.bytes} for one in self.left]
        return {"run_id": self.run_id, "name": self.name, "state": self.state, "bytes": self.bytes} | {
            "monthly": monthly,
            "objects": objects,
        }


@dataclass(frozen=True)
class CloudCleaning:
    """What `carry_out` would delete. `shared` are the folders of rows and code, which other runs may use and which stay."""

    runs: tuple[CloudWaste, ...]
    shared: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """All that would go."""
        return sum(one.bytes for one in self.runs)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        runs = [one.to_json() for one in self.runs]
        return {"cloud": runs, "shared": list(self.shared), "bytes": self.bytes, "notes": list(self.notes)}


def look_there(run_ids: Sequence[str] = ()) -> CloudCleaning:
    """Lists what runs left at their clouds; deletes nothing.

    Args:
        run_ids: these runs. None given: all that have ended.

    Raises:
        NotFoundError: there is no such run.
        UsageError: a run that is named is none of a cloud.
        RefusedError: a run that is named is at work.
    """
    asked = [one.row for one in look(rows(*dict.fromkeys(run_ids)))]
    if run_ids:
        for row in asked:
            _require_ended(row)
    ended = [row for row in asked if is_remote(row) and not row.rehearsed and row.state not in LIVE]
    found, notes = [], []
    for row in ended:
        try:
            left = tuple(target_of(row).left(remote_of(row)))
        except CloudNasError as error:
            if run_ids:
                raise
            notes.append(f"{row.run_id} was not looked at: {error.message}")
            continue
        if left:
            found.append(CloudWaste(row.run_id, row.name, row.state, remote_of(row), left, _monthly(row, left)))
    shared = tuple(sorted({folder for row in ended for folder in _shared(row)}))
    return CloudCleaning(tuple(found), shared, tuple(notes))


def carry_out_there(cleaning: CloudCleaning) -> None:
    """Deletes what was listed. The runs themselves stay: what was fetched of them is here.

    Raises:
        CloudNasError: the cloud did not delete it; what came before is gone.
    """
    for one in cleaning.runs:
        (row,) = rows(one.run_id)
        target_of(row).remove(one.remote, one.left)


def _require_ended(row: RunRow) -> None:
    if not is_remote(row):
        raise UsageError(f"{row.run_id} ran here and left nothing in a cloud", hint=f"cloud-nas clean {row.run_id}")
    if row.rehearsed:
        raise UsageError(f"{row.run_id} was rehearsed, and its cloud is gone", hint=f"cloud-nas clean {row.run_id}")
    if row.state in LIVE:
        raise RefusedError(f"{row.run_id} is at work: {row.target}", hint=f"cloud-nas cancel {row.run_id}")


def _shared(row: RunRow) -> Iterator[str]:
    """The folders that a run's uploads went to, as its intents have them; by content, so other runs may use them."""
    for path in sorted((folder_of(row) / INTENTS).glob("*.json")):
        for one in read_json(path)["uploads"]:
            uri = str(one["to"])
            for kind in ("/data/", "/code/"):
                head, found, rest = uri.partition(kind)
                if found:
                    yield f"{head}{kind}{rest.partition('/')[0]}/"


def _monthly(row: RunRow, left: Sequence[Left]) -> float | None:
    target = target_of(row)
    return target.monthly(row.place, sum(one.bytes or 0 for one in left)) if isinstance(target, Priced) else None
