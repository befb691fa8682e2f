"""`cloud-nas submit`, `wait`, `logs` and `cancel`: runs in the background, and those in other terminals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.ends import STILL_RUNNING, exit_status
from cloud_nas.cli.runs import STATUS_COLUMNS, status_row
from cloud_nas.cli.searching import load_to_search, search_options
from cloud_nas.cli.settings import common_options, current, profile_option
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.logs import Logged
    from cloud_nas.operations.status import RunStatus

_KEYS = ("run_id", "target", "state", "spec_sha256", "best", "trials", "seconds", "model", "remote", "attempt")


@click.command()
@click.argument("spec")
@search_options
@click.option("--fresh", "--new", is_flag=True, help="Start anew, whatever was run before.")
@click.option("--wait", "until_ended", is_flag=True, help="Wait until it has ended, and exit as it did.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; a run on this machine has nothing to ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@profile_option
@common_options
def submit(spec: str, fresh: bool, until_ended: bool, yes: bool, as_json: bool, **asked: Any) -> int:
    """Search in the background, on this machine.

    Does what `run` does, in a process that goes on when this terminal is closed. Prints the run's id as soon as that process has
    the data and the model and holds the run.
    """
    from cloud_nas.operations.submit import submit as start
    from cloud_nas.operations.wait import wait as until

    quiet_tensorflow()
    loaded, how = load_to_search(spec, **asked)
    run = start(loaded, fresh=fresh, **how)
    for line in run.notes:
        output.note(f"note: {line}")
    if not as_json:
        click.echo(run.id)
    try:
        found = until(run.id)[0] if until_ended else run.status()
    except KeyboardInterrupt:
        output.hint(f"{run.id} goes on; cloud-nas cancel {run.id} ends it")
        raise
    if as_json:
        values = found.to_json()
        output.emit_json("submit", {key: values[key] for key in _KEYS})
    if until_ended:
        return _told([found])
    if found.model is None:
        output.hint(f"cloud-nas logs {run.id} --follow")
    else:
        output.hint(f"cloud-nas predict {run.id} DATA --out predictions.parquet")
    return 0


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option("--timeout", metavar="TIME", help="Wait no longer, such as 6h or 90s; exits 8 then.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def wait(runs: tuple[str, ...], timeout: str | None, as_json: bool) -> int:
    """Wait until runs have ended.

    Exits as the worst of them ended: 0 done, 1 failed or interrupted, 6 cancelled; 8 when the time was over first.
    """
    from cloud_nas.operations.wait import wait as until

    found = until(runs, timeout)
    if as_json:
        output.emit_json("wait", {"runs": [one.to_json() for one in found]})
    else:
        output.emit_rows(STATUS_COLUMNS, [status_row(one) for one in found])
    return _told(found)


@click.command()
@click.argument("run")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until the run has ended.")
@click.option("--trial", metavar="N", type=click.IntRange(min=0), help="The epochs of a trial, and what it printed.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each event.")
@common_options
def logs(run: str, follow: bool, trial: int | None, as_json: bool) -> None:
    """Show what a run said, or says.

    A line a trial, with -v a line an epoch too. With --trial its epochs, then what the model's code printed, warnings and the
    traceback of a failure included.
    """
    from cloud_nas.operations import logs as operation

    lines = operation.logs(run, follow=follow, trial=trial)
    if as_json:
        for one in lines:
            output.emit_json_line("logs", one.to_json())
        return
    told = _Told(run, epochs=current().verbose or trial is not None)
    shown = 0
    for one in lines:
        text = told(one)
        if text is not None:
            click.echo(text)
            shown += 1
    printed = operation.printed_by(run) if trial is None else None
    if printed is not None:
        output.hint(f"what its code printed is in {output.shell(printed)}")
    elif not shown:
        output.note("nothing was said" if trial is None else "nothing was printed")


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def cancel(runs: tuple[str, ...], as_json: bool) -> None:
    """End runs, in whatever process they are at work.

    What was found so far stays, and `cloud-nas run` with the same spec goes on. A run that has ended is left alone.
    """
    from cloud_nas.operations.cancel import cancel as end

    found = end(runs)
    if as_json:
        output.emit_json("cancel", {"runs": [{"run_id": one.run_id, "state": one.state} for one in found]})
    else:
        output.emit_rows(("run", "state"), [(one.run_id, one.state) for one in found])
    for one in found:
        if one.had_ended:
            output.note(f"{one.run_id} had ended: {one.state}")
        elif one.state == "stopping":
            output.hint(f"cloud-nas wait {one.run_id}")


class _Told:
    """What is logged, in words, each with its time where that is known."""

    def __init__(self, run: str, *, epochs: bool) -> None:
        self._run = run
        self._epochs = epochs
        self._lines: Any = None

    def __call__(self, one: Logged) -> str | None:
        """A line, or None where it has none."""
        if one.event is None:
            return one.text
        if self._lines is None:
            self._lines = self._begun()
        text = self._lines.take(one.event)
        return text if text is None or one.at is None else f"{one.at[:19]}Z  {text}"

    def _begun(self) -> Any:
        from cloud_nas.cli.progress import Lines
        from cloud_nas.cli.standing import Standing
        from cloud_nas.operations.logs import objective_of

        return Lines(Standing(*objective_of(self._run)), verbose=self._epochs)


def _told(found: Iterable[RunStatus]) -> int:
    """Says why what ended badly did; gives the exit status."""
    found = list(found)
    for one in found:
        if one.state == "failed":
            output.note(f"{one.run_id} failed: {one.reason}")
    status = exit_status(one.state for one in found)
    if status == STILL_RUNNING:
        output.note("the time is over, and they are still at work" if len(found) > 1 else "the time is over; it is still at work")
    if len(found) == 1:
        output.hint(_next(found[0]))
    return status


def _next(one: RunStatus) -> str:
    if one.state == "succeeded":
        return f"cloud-nas predict {one.run_id} DATA --out predictions.parquet"
    if one.state in ("interrupted", "cancelled"):
        return "cloud-nas run, or submit, with the same spec goes on"
    return f"cloud-nas logs {one.run_id}" if one.state == "failed" else f"cloud-nas logs {one.run_id} --follow"
