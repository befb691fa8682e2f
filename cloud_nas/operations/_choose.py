"""Which run a search belongs to: a finished one that is shown again, one that goes on, or a new one, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.operations._prepare import Prepared
from cloud_nas.operations._runs import folder_of, settled
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import Holder, writing


@dataclass(frozen=True)
class Choice:
    """A run, as its row stands in the registry from now on.

    `before` is the row as it was, None where the run is new. `holder` is this process, which alone writes the run; None where it
    is `finished` and nothing is left to train.
    """

    row: RunRow
    before: RunRow | None = None
    finished: bool = False
    note: str | None = None
    holder: Holder | None = None


@contextmanager
def claimed(registry: Registry, search: Prepared, *, fresh: bool) -> Iterator[Choice]:
    """The run that a search belongs to, this process its only writer while the block lasts; written in the registry as running.

    Finding it, holding it and writing its row are one step: two processes that start the same new spec at once make one run.

    Raises:
        RefusedError: another process writes the run.
    """
    with ExitStack() as held:
        with registry.transaction():
            choice = choose(registry, search, fresh=fresh)
            if not choice.finished:
                holder = held.enter_context(writing(folder_of(choice.row)))
                row = registry.create(choice.row) if choice.before is None else registry.update(choice.row)
                choice = dataclasses.replace(choice, row=row, holder=holder)
        yield choice


def choose(registry: Registry, search: Prepared, *, fresh: bool) -> Choice:
    """Finds the run of the same identity, unless a fresh one is asked for."""
    budget = dataclasses.asdict(search.definition.budget)
    same = [] if fresh else registry.rows(identity=search.identity.sha256())
    if not same:
        return Choice(_new_row(registry, search, budget), note=None if fresh else _what_changed(registry, search))
    row = settled(same[0])
    if row.state == "succeeded" and _whole(row) and not larger(budget, row.budget):
        return Choice(row, row, finished=True, note=f"{row.run_id} is finished; nothing was trained (--fresh starts anew)")
    why = (
        "with a larger budget" if row.state == "succeeded" else "where it ended" if row.state == "failed" else "where it stopped"
    )
    going = dataclasses.replace(
        row,
        state="running",
        attempt=row.attempt + 1,
        budget=budget,
        spec_sha256=search.loaded.sha256,
        spec_path=str(search.loaded.path),
        reason=None,
        note=None,
    )
    return Choice(going, row, note=f"{row.run_id} goes on {why}")


def larger(budget: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether any cap of `budget` allows more than it did; None is no cap."""
    return any(before.get(cap) is not None and (allowed is None or allowed > before[cap]) for cap, allowed in budget.items())


def _new_row(registry: Registry, search: Prepared, budget: Mapping[str, Any]) -> RunRow:
    return RunRow(
        run_id=registry.mint(),
        name=search.definition.name,
        target=search.identity.target,
        state="running",
        spec_sha256=search.loaded.sha256,
        spec_path=str(search.loaded.path),
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
