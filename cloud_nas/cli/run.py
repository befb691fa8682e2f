"""`cloud-nas run`: a search here, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.progress import following
from cloud_nas.cli.searching import load_to_search, search_options
from cloud_nas.cli.settings import common_options, current, profile_option, progress_option
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.result import RunResult

INTERRUPTED = 130


@click.command()
@click.argument("spec")
@search_options
@click.option("--fresh", is_flag=True, help="Start anew, whatever was run before.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@progress_option
@profile_option
@common_options
def run(spec: str, fresh: bool, as_json: bool, **asked: Any) -> int:
    """Search, in the foreground, on this machine.

    Trains the best as the spec asks and scores it once on the held-out rows. Run again, it goes on where it stopped; a finished
    run is printed again. Prints the run's id where stdout is no terminal.
    """
    from cloud_nas.operations.run import run as search

    quiet_tensorflow()
    settings = current()
    loaded, how = load_to_search(spec, **asked)
    objective = loaded.spec.objective
    with following(settings, str(objective.metric), str(objective.goal)) as display:
        result = search(loaded, fresh=fresh, observers=(display,), **how)
    if as_json:
        output.emit_json("run", result.to_json())
    elif settings.quiet or not output.on_terminal():
        click.echo(result.run_id)
    _summary(result, str(objective.metric))
    if result.state == "interrupted":
        output.hint(f"cloud-nas run {output.shell(spec)} goes on")
        return INTERRUPTED
    output.hint(f"cloud-nas predict {result.run_id} DATA --out predictions.parquet")
    return 0


def _summary(result: RunResult, metric: str) -> None:
    """What was found, in a few lines on stderr."""
    counts = result.trials.counts
    ended = [output.plural(counts.done, "trial")] + [f"{count} {state}" for state, count in _others(counts.pruned, counts.failed)]
    lines = [("run", f"{result.run_id}  {result.state}  {', '.join(ended)}  {output.duration(result.seconds)}")]
    if result.best is not None:
        lines.append(("best", f"trial {result.best.trial}  val_{metric} {output.number(result.best.value)}"))
        lines += [("", f"{name} = {output.parameter(value)}") for name, value in result.best.params.items()]
    if result.test is not None:
        lines.append(("test", "  ".join(f"{name} {output.number(value)}" for name, value in result.test.items())))
    if result.model is not None:
        lines.append(("model", result.model))
    for name, text in lines:
        output.note(f"{name:6}{text}")


def _others(pruned: int, failed: int) -> list[tuple[str, int]]:
    return [(state, count) for state, count in (("pruned", pruned), ("failed", failed)) if count]
