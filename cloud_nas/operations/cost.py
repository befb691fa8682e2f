"""`cost`: what runs could cost, what they have cost so far, and what they did cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cloud_nas.operations._runs import LOCAL, folder_of, rows
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE, Money, RunState
from cloud_nas.targets.plan import Cost, Plan
from local_engine.files import read_json


@dataclass(frozen=True)
class RunCost:
    """What is known of a run's cost; None is what nobody knows, and never 0.

    Attributes:
        planned: the bound, or the estimate, of its last attempt's plan.
        so_far: what the place has billed, as far as it has said so.
        actual: the same, once the run has ended.
        monthly: what stays at the place costs so much a month, as far as its size was known before.
    """

    run_id: str
    name: str
    target: str
    state: RunState
    planned: Cost | None
    so_far: Money | None
    actual: Money | None
    monthly: Money | None
    rehearsed: bool

    def to_json(self) -> dict[str, Any]:
        """The keys that `cost --json` promises of a run."""
        money = {key: None if value is None else value.to_json() for key, value in self._money().items()}
        return {**vars(self), **money, "planned": None if self.planned is None else asdict(self.planned)}

    def _money(self) -> dict[str, Money | None]:
        return {"so_far": self.so_far, "actual": self.actual, "monthly": self.monthly}


def cost(run_ids: str | Sequence[str] = ()) -> list[RunCost]:
    """What runs cost: these, or all that ran elsewhere than here, the newest first. Reads this machine's registry alone.

    Raises:
        NotFoundError: there is no such run.
    """
    asked = (run_ids,) if isinstance(run_ids, str) else tuple(run_ids)
    return [_cost(row) for row in rows(*asked) if asked or row.target != LOCAL]


def _cost(row: RunRow) -> RunCost:
    plan = _plan(row)
    known = [] if plan is None else [one.monthly for one in plan.remains if one.monthly is not None]
    return RunCost(
        run_id=row.run_id,
        name=row.name,
        target=row.target,
        state=row.state,
        planned=None if plan is None else plan.max_cost,
        so_far=row.cost,
        actual=None if row.state in LIVE else row.cost,
        monthly=Money(sum(known)) if known else None,
        rehearsed=row.rehearsed,
    )


def _plan(row: RunRow) -> Plan | None:
    """The plan of the last attempt, as it was written before the first call; None where this machine has none."""
    try:
        value = read_json(folder_of(row) / "intents" / f"{row.attempt}.json")
        return Plan.from_json(value.get("plan", value))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
