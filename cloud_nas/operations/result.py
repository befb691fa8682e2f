"""What `run` gives back, and what it makes of how a search ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloud_nas.operations._runs import folder_of
from cloud_nas.operations.trials import Trials, trials_in
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Best, RunState


@dataclass(frozen=True, eq=False)
class RunResult:
    """A run, as it stands when `run` returns.

    `state` is `succeeded`, or `interrupted` where Ctrl-C ended it and it can go on. `seconds` is the search alone, over all
    attempts. `model` is the artifact folder, absolute. `test` are the metrics on the held-out rows, None where there are none.
    `reused`: the run was finished before and nothing was trained. `notes` were also said to the observers.
    """

    run_id: str
    name: str
    target: str
    state: RunState
    spec_sha256: str
    best: Best | None
    trials: Trials
    seconds: float
    model: str | None
    remote: str | None
    attempt: int
    test: dict[str, float] | None = None
    reused: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def model_dir(self) -> Path | None:
        """The artifact folder."""
        return None if self.model is None else Path(self.model)

    def to_json(self) -> dict[str, Any]:
        """The keys that `run --json` promises, and `test`, `reused` beside them."""
        return {
            "run_id": self.run_id,
            "target": self.target,
            "state": self.state,
            "spec_sha256": self.spec_sha256,
            "best": None if self.best is None else self.best.to_json(),
            "trials": self.trials.counts.to_json(),
            "seconds": self.seconds,
            "model": self.model,
            "remote": self.remote,
            "attempt": self.attempt,
            "test": self.test,
            "reused": self.reused,
        }


def result_of(row: RunRow, *, test: dict[str, float] | None, reused: bool, notes: tuple[str, ...]) -> RunResult:
    """The result of a run whose row is final."""
    return RunResult(
        run_id=row.run_id,
        name=row.name,
        target=row.target,
        state=row.state,
        spec_sha256=row.spec_sha256,
        best=row.best,
        trials=Trials(trials_in(folder_of(row)), row.trials),
        seconds=row.seconds,
        model=row.model,
        remote=row.remote,
        attempt=row.attempt,
        test=test,
        reused=reused,
        notes=notes,
    )
