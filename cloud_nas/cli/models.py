"""`cloud-nas predict`, `evaluate` and `verify`: what a trained model does with data, and whether its files are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.confirming import confirmed
from cloud_nas.cli.settings import common_options
from cloud_nas.quiet import quiet_tensorflow

FAILED = 1
_TRUST = click.option("--trust", is_flag=True, help="Load the model's own code although it has not run on this machine.")


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write a .parquet or .csv file.")
@_TRUST
@common_options
def predict(model: str, data: str, out: Path | None, trust: bool) -> None:
    """Predict for a file of raw rows or images.

    MODEL is an artifact folder, a RUN or RUN/TRIAL. Without --out the predictions go to stdout.
    """
    from cloud_nas.operations.predict import predict as ask

    quiet_tensorflow()
    found = ask(model, data, out=out, trust=trust)
    if out is None:
        columns = found.columns()
        output.emit_rows(list(columns), list(zip(*(values.tolist() for values in columns.values()), strict=True)))
        return
    output.note(f"{output.plural(found.n, 'row')} predicted")
    click.echo(str(out))


@click.command()
@click.argument("model")
@click.argument("data")
@click.option(
    "--part", type=click.Choice(["test", "validation", "train", "all"]), help="Which rows; test where DATA has parts, else all."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_TRUST
@click.option("-y", "--yes", is_flag=True, help="Have a service score the rows without asking, where only it can.")
@click.option("--max-cost", metavar="USD", type=click.FloatRange(min=0, min_open=True), help="The most that this may cost.")
@click.option("--accept-estimate", is_flag=True, help="Take an estimate for --max-cost, where the service has no cap.")
@common_options
def evaluate(
    model: str, data: str, part: Any, as_json: bool, trust: bool, yes: bool, max_cost: float | None, accept_estimate: bool
) -> None:
    """Score a model on rows whose answer is known.

    MODEL is an artifact folder, a RUN or RUN/TRIAL. A model that only its service can run is scored there, which is asked first.
    """
    from cloud_nas.operations.evaluate import evaluate as ask

    quiet_tensorflow()
    found = ask(
        model,
        data,
        part=part,
        trust=trust,
        max_cost=max_cost,
        accept_estimate=accept_estimate,
        confirm=lambda plan: yes or confirmed(plan, "Have the service score these rows?"),
        note=output.note,
    )
    if as_json:
        output.emit_json("evaluate", found.to_json())
        return
    output.note(f"{output.plural(found.n, 'row')}, part: {found.part}")
    output.emit_rows(("metric", "value"), [(name, output.number(value, 6)) for name, value in found.metrics.items()])


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def verify(folder: str, as_json: bool) -> int:
    """Check a model's files against its manifest.

    DIR is an artifact folder; a RUN or RUN/TRIAL works too.
    """
    from cloud_nas.operations.verify import verify as ask

    found = ask(folder)
    if as_json:
        output.emit_json("verify", found.to_json())
    else:
        states = (
            ("whole", found.whole),
            ("different", found.different),
            ("missing", found.missing),
            ("unlisted", found.unlisted),
        )
        output.emit_rows(("file", "state"), sorted((name, state) for state, names in states for name in names))
    if not found.ok:
        output.error(f"{found.folder} is not what its manifest says")
        output.hint("get the model again, or train it again", force=True)
        return FAILED
    return 0
