"""One row of the registry: the summary of a run, which is all that `status` reads."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cloud_nas.runs.identity import Identity
from cloud_nas.states import Best, Money, RunState, TrialCounts


@dataclass(frozen=True)
class RunRow:
    """A run as the registry knows it.

    `spec_sha256` is of the whole canonical spec, budget included; `identity` of what makes two runs the same one. `budget` is
    what the last attempt was allowed. `seconds` is the search alone, over all attempts. `model` is the artifact folder,
    absolute. `remote` is the service's own name of the job, None at home. Times are ISO 8601 in UTC. `spec_path` is the spec's
    file, absolute; None where the model came from a notebook, or an earlier version ran it. `nonce` and `place` find a job in a
    cloud again (`targets.remote.Remote`); both are empty at home. `cost` is what it has cost so far. `rehearsed`: the cloud was a
    stand-in, which is gone.
    """

    run_id: str
    name: str
    target: str
    state: RunState
    spec_sha256: str
    identity: Identity
    budget: Mapping[str, Any] = field(default_factory=dict)
    trials: TrialCounts = field(default_factory=TrialCounts)
    best: Best | None = None
    seconds: float = 0.0
    model: str | None = None
    reason: str | None = None
    note: str | None = None
    attempt: int = 1
    remote: str | None = None
    created_at: str = field(default_factory=lambda: now())
    seen_at: str = field(default_factory=lambda: now())
    spec_path: str | None = None
    nonce: str = ""
    place: Mapping[str, Any] = field(default_factory=dict)
    cost: Money | None = None
    rehearsed: bool = False

    def to_record(self) -> dict[str, Any]:
        """The row as SQLite keeps it: plain columns, nested values as JSON text, identity as its hash and its parts."""
        record = {column: getattr(self, column) for column in COLUMNS if hasattr(self, column)}
        record["identity"] = self.identity.sha256()
        record["parts"] = json.dumps(dataclasses.asdict(self.identity))
        record["budget"] = json.dumps(dict(self.budget))
        record["trials"] = json.dumps(self.trials.to_json())
        record["best"] = None if self.best is None else json.dumps(self.best.to_json())
        record["place"] = json.dumps(dict(self.place))
        record["cost"] = None if self.cost is None else json.dumps(self.cost.to_json())
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RunRow:
        """The row that `to_record` made."""
        values = dict(record)
        values["identity"] = Identity(**json.loads(values.pop("parts")))
        values["budget"] = json.loads(values["budget"])
        values["trials"] = TrialCounts(**json.loads(values["trials"]))
        values["best"] = None if values["best"] is None else Best(**json.loads(values["best"]))
        values["place"] = json.loads(values["place"])
        values["cost"] = None if values["cost"] is None else Money(**json.loads(values["cost"]))
        values["rehearsed"] = bool(values["rehearsed"])
        return cls(**values)


COLUMNS: tuple[str, ...] = (
    "run_id", "name", "target", "state", "spec_sha256", "identity", "parts", "budget", "trials", "best", "seconds",
    "model", "reason", "note", "attempt", "remote", "created_at", "seen_at", "spec_path",
    "nonce", "place", "cost", "rehearsed",
)  # fmt: skip
"""The columns of the table, `parts` being what `identity` is the hash of."""


def now() -> str:
    """This moment, ISO 8601 in UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
