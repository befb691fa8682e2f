"""`cloud-nas status`, `trials` and `show`: what is known of runs and their trials."""

from __future__ import annotations

from typing import Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options

STILL_RUNNING = 8


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--exit-status", is_flag=True, help="Exit as the worst of the runs ended: 0 done, 1 failed, 6 cancelled, 8 running."
)
@common_options
def status(runs: tuple[str, ...], as_json: bool, exit_status: bool) -> int:
    """List runs, and where they stand.

    All of them, the newest first, or those that are named.
    """
    from cloud_nas.operations.status import status as ask

    found = ask(runs)
    if as_json:
        output.emit_json("status", {"runs": [one.to_json() for one in found]})
    else:
        output.emit_rows(
            ("run", "name", "target", "state", "trials", "best", "time", "seen", "note"),
            [_status_row(one) for one in found],
        )
        _status_hint(found)
    return max((_ended(one.state) for one in found), default=0) if exit_status else 0


@click.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def trials(run: str, as_json: bool) -> None:
    """List the trials of a run."""
    from cloud_nas.operations.trials import trials as ask

    found = ask(run)
    if as_json:
        output.emit_json("trials", {"trials": [one.to_json() for one in found]})
        return
    output.emit_rows(
        ("trial", "state", "value", "epochs", "time", "params", "reason"),
        [
            (
                one.number,
                one.state,
                output.number(one.value),
                one.epochs,
                output.duration(one.seconds),
                output.parameters(one.params),
                one.reason,
            )
            for one in found
        ],
    )


@click.command()
@click.argument("run", metavar="RUN[/TRIAL]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def show(run: str, as_json: bool) -> None:
    """Show a run, or one of its trials, in full."""
    from cloud_nas.operations.show import show as ask

    found = ask(run).to_json()
    if as_json:
        output.emit_json("show", found)
        return
    output.emit_rows(("what", "value"), list(_flattened(found)))


def _status_row(one: Any) -> tuple[output.Cell, ...]:
    counts = one.trials
    finished = counts.done + counts.failed + counts.pruned
    trials_cell = f"{finished}/{counts.total}" if counts.total is not None else str(finished)
    best = output.number(one.best.value) if one.best else None
    return (
        one.run_id,
        one.name,
        one.target,
        one.state,
        trials_cell,
        best,
        output.duration(one.seconds),
        one.seen_at,
        one.note or one.reason,
    )


def _status_hint(found: list[Any]) -> None:
    """The next step for the newest run."""
    if not found:
        output.hint("no runs yet: cloud-nas init, then cloud-nas run spec.yaml")
    elif found[0].model:
        output.hint(f"cloud-nas evaluate {found[0].run_id} DATA")
    else:
        output.hint(f"cloud-nas trials {found[0].run_id}")


def _ended(state: str) -> int:
    """A run's state as an exit status."""
    from cloud_nas.states import LIVE

    if state in LIVE:
        return STILL_RUNNING
    return {"succeeded": 0, "cancelled": 6}.get(state, 1)


def _flattened(value: Any, prefix: str = "") -> Any:
    """Nested values as rows of a dotted name and a value."""
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item:
            yield from _flattened(item, f"{name}.")
        elif isinstance(item, float):
            yield name, output.number(item, 6)
        elif isinstance(item, list):
            yield name, ", ".join(str(part) for part in item)
        elif item is not None and item != {}:
            yield name, item
