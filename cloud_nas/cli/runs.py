"""`cloud-nas status`, `trials` and `show`: what is known of runs and their trials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.ends import exit_status as worst_end
from cloud_nas.cli.settings import common_options

if TYPE_CHECKING:
    from cloud_nas.operations.status import RunStatus

STATUS_COLUMNS = ("run", "name", "target", "state", "trials", "best", "time", "cost", "seen", "note")


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--exit-status", is_flag=True, help="Exit as the worst of the runs ended: 0 done, 1 failed, 6 cancelled, 8 running."
)
@click.option("--watch", is_flag=True, help="Show them again whenever something has changed, until all have ended.")
@click.option("--cached", is_flag=True, help="Show what is known; ask no cloud.")
@common_options
def status(runs: tuple[str, ...], as_json: bool, exit_status: bool, watch: bool, cached: bool) -> int:
    """List runs, and where they stand.

    All of them, the newest first, or those that are named. With --watch a table that is drawn again on a terminal, and a new
    block of lines through a pipe. A cloud that cannot be asked is a note, `unreachable`, beside what was known last; it exits 4
    where credentials are the cause, and 10 where none could be asked.
    """
    from cloud_nas.operations.status import exit_status_of
    from cloud_nas.operations.status import status as ask
    from cloud_nas.operations.status import watch as follow

    if watch and cached:
        raise click.UsageError("--watch and --cached do not go together")
    found = _watched(follow(runs), as_json) if watch else ask(runs, cached=cached)
    if not watch or (output.on_terminal() and not as_json):
        _emit_status(found, as_json)
    told = tell_troubles(found)
    if not as_json and not told:
        _status_hint(found)
    unreached = exit_status_of(found)
    return unreached if unreached or not exit_status else worst_end(one.state for one in found)


def tell_troubles(found: Iterable[RunStatus]) -> bool:
    """Says why clouds could not be asked, each reason once; tells whether there was one."""
    troubles = dict.fromkeys(one.trouble for one in found if one.trouble is not None)
    for trouble in troubles:
        output.warning(f"unreachable: {trouble.message}")
    for trouble in troubles:
        if trouble.hint:
            output.hint(trouble.hint)
    return bool(troubles)


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


def _watched(changes: Iterator[list[RunStatus]], as_json: bool) -> list[RunStatus]:
    """Shows each change; gives the last."""
    found: list[RunStatus] = []
    if output.on_terminal() and not as_json:
        with output.redrawn(STATUS_COLUMNS) as draw:
            for found in changes:
                draw([status_row(one) for one in found])
        return found
    for count, found in enumerate(changes):
        if count and not as_json:
            click.echo()
        _emit_status(found, as_json)
    return found


def _emit_status(found: list[RunStatus], as_json: bool) -> None:
    if as_json:
        output.emit_json("status", {"runs": [one.to_json() for one in found]})
    else:
        output.emit_rows(STATUS_COLUMNS, [status_row(one) for one in found])


def status_row(one: RunStatus) -> tuple[output.Cell, ...]:
    """A run as a row of `STATUS_COLUMNS`."""
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
        None if one.cost is None else f"{one.cost.amount:.2f} {one.cost.currency}",
        one.seen_at,
        one.note or one.reason,
    )


def _status_hint(found: list[RunStatus]) -> None:
    """The next step for the newest run."""
    if not found:
        output.hint("no runs yet: cloud-nas init, then cloud-nas run spec.yaml")
    elif found[0].model:
        output.hint(f"cloud-nas evaluate {found[0].run_id} DATA")
    else:
        output.hint(f"cloud-nas trials {found[0].run_id}")


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
