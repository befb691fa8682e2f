"""Which run a search belongs to: a finished one that is shown again, one that goes on, or a new one, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.operations._prepare import Prepared
from cloud_nas.operations._runs import settled
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow


@dataclass(frozen=True)
class Choice:
    """`row` as it stands in the registry, or is to be written where the run is `new`; `finished`: nothing is left to train."""

    row: RunRow
    new: bool
    finished: bool = False
    note: str | None = None


def choose(registry: Registry, search: Prepared, *, fresh: bool) -> Choice:
    """Finds the run of the same identity, unless a fresh one is asked for."""
    budget = dataclasses.asdict(search.definition.budget)
    same = [] if fresh else registry.rows(identity=search.identity.sha256())
    if not same:
        return Choice(_new_row(registry, search, budget), new=True, note=None if fresh else _what_changed(registry, search))
    row = settled(same[0])
    if row.state == "succeeded" and _whole(row) and not larger(budget, row.budget):
        return Choice(row, new=False, finished=True, note=f"{row.run_id} is finished; nothing was trained (--fresh starts anew)")
    why = (
        "with a larger budget" if row.state == "succeeded" else "where it ended" if row.state == "failed" else "where it stopped"
    )
    going = dataclasses.replace(
        row, state="running", attempt=row.attempt + 1, budget=budget, spec_sha256=search.loaded.sha256, reason=None, note=None
    )
    return Choice(going, new=False, note=f"{row.run_id} goes on {why}")


def larger(budget: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether any cap of `budget` allows more than it did; None is no cap."""
    return any(before.get(cap) is not None and (allowed is None or allowed > before[cap]) for cap, allowed in budget.items())


def _new_row(registry: Registry, search: Prepared, budget: Mapping[str, Any]) -> RunRow:
    return RunRow(
        run_id=registry.mint(),
        name=search.definition.name,
        target=search.identity.target,
        state="pending",
        spec_sha256=search.loaded.sha256,
        identity=search.identity,
        budget=budget,
    )


def _whole(row: RunRow) -> bool:
    """Whether the model of a finished run is still there."""
    return row.model is not None and (Path(row.model) / "manifest.json").is_file()


def _what_changed(registry: Registry, search: Prepared) -> str | None:
    """Why this is a new run although one of this name exists; None where none does."""
    named = registry.rows(name=search.definition.name)
    if not named:
        return None
    changed = named[0].identity.differences(search.identity)
    return f"the {' and the '.join(changed)} changed since {named[0].run_id}: this is a new run" if changed else None
