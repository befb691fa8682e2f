"""`cloud-nas wait`, `logs` and `cancel`: runs in the background, in clouds, and in other terminals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.ends import STILL_RUNNING, exit_status
from cloud_nas.cli.runs import STATUS_COLUMNS, status_row, tell_troubles
from cloud_nas.cli.settings import common_options, current

if TYPE_CHECKING:
    from cloud_nas.operations.logs import Logged
    from cloud_nas.operations.status import RunStatus


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

    try:
        found = until(runs, timeout, note=output.note)
    except KeyboardInterrupt:
        detached(runs)
        raise
    if as_json:
        output.emit_json("wait", {"runs": [one.to_json() for one in found]})
    else:
        output.emit_rows(STATUS_COLUMNS, [status_row(one) for one in found])
    return told(found)


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

    lines = operation.logs(run, follow=follow, trial=trial, note=output.note)
    if as_json:
        for one in lines:
            output.emit_json_line("logs", one.to_json())
        return
    told = _Told(run, epochs=current().verbose or trial is not None, of_one=trial is not None)
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

    def __init__(self, run: str, *, epochs: bool, of_one: bool = False) -> None:
        self._run = run
        self._epochs = epochs
        self._of_one = of_one
        self._lines: Any = None

    def __call__(self, one: Logged) -> str | None:
        """A line, or None where it has none."""
        if one.event is None:
            return one.text if one.at is None else f"{one.at[:19]}Z  {self._whose(one)}{one.text}"
        if self._lines is None:
            self._lines = self._begun()
        text = self._lines.take(one.event)
        return text if text is None or one.at is None else f"{one.at[:19]}Z  {text}"

    def _whose(self, one: Logged) -> str:
        """The trial, where the lines are of several."""
        return "" if one.trial is None or self._of_one else f"trial {one.trial}  "

    def _begun(self) -> Any:
        from cloud_nas.cli.progress import Lines
        from cloud_nas.cli.standing import Standing
        from cloud_nas.operations.logs import objective_of

        return Lines(Standing(*objective_of(self._run)), verbose=self._epochs)


def detached(runs: Iterable[str]) -> None:
    """Says that runs go on though nobody waits any more, and how they are ended."""
    named = " ".join(runs)
    output.hint(f"{named} goes on; cloud-nas cancel {named} ends it")


def _last_words(one: RunStatus) -> None:
    from cloud_nas.operations.logs import last_words

    for line in last_words(one.run_id):
        output.note(f"  {line}")


def told(found: Iterable[RunStatus]) -> int:
    """Says why what ended badly did; gives the exit status."""
    from cloud_nas.operations.status import exit_status_of

    found = list(found)
    for one in found:
        if one.state == "failed":
            output.note(f"{one.run_id} failed: {one.reason}")
            _last_words(one)
    status = exit_status(one.state for one in found)
    if status == STILL_RUNNING and tell_troubles(found):
        return exit_status_of(found) or status
    if status == STILL_RUNNING:
        output.note("the time is over, and they are still at work" if len(found) > 1 else "the time is over; it is still at work")
    if len(found) == 1:
        output.hint(_next(found[0]))
    return status


def _next(one: RunStatus) -> str:
    if one.state == "succeeded" and one.remote is not None and one.model is None:
        return f"cloud-nas fetch {one.run_id}"
    if one.state == "succeeded":
        return f"cloud-nas predict {one.run_id} DATA --out predictions.parquet"
    if one.remote is not None and one.state in ("failed", "cancelled"):
        return f"cloud-nas submit SPEC --on {one.target} makes another attempt"
    if one.state in ("interrupted", "cancelled"):
        return "cloud-nas run, or submit, with the same spec goes on"
    return f"cloud-nas logs {one.run_id}" if one.state == "failed" else f"cloud-nas logs {one.run_id} --follow"
