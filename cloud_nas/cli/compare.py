"""`cloud-nas compare`: which model is best, and how sure one can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.compare.comparison import Comparison, Model


@click.command()
@click.argument("models", metavar="RUN|MODEL|predictions...", nargs=-1, required=True)
@click.option("--data", metavar="FILE", help="Rows with labels that all of them are asked about.")
@click.option("--metric", "metrics", metavar="NAME", multiple=True, help="Test by this metric; the first one ranks.")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="One less the level of intervals and tests.")
@click.option("--fail-if", metavar="EXPR", help="Exit 1 where this holds, such as 'accuracy < 0.9' of the best.")
@click.option("--allow-overlap", is_flag=True, help="Rows that a model was trained on may be among those of --data.")
@click.option("--no-speed", is_flag=True, help="Do not measure how fast each model is here.")
@click.option("--trust", is_flag=True, help="Load a model's own code although it has not run on this machine.")
@click.option("--html", metavar="FILE", help="Write the comparison as a page, too.")
@click.option("--rows", is_flag=True, help="Show rows of the data on that page: those on which the models disagree.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def compare(
    models: tuple[str, ...],
    data: str | None,
    metrics: tuple[str, ...],
    alpha: float,
    fail_if: str | None,
    allow_overlap: bool,
    no_speed: bool,
    trust: bool,
    html: str | None,
    rows: bool,
    as_json: bool,
) -> int:
    """Tell which model is best on held-out rows, and how sure.

    Models come from anywhere, and all are asked about the same rows. Every metric comes with its interval, every pair with a
    paired test, corrected for how many there are. A winner is named only where the rows tell it from all others.
    """
    from cloud_nas.operations.compare import compare as ask

    quiet_tensorflow()
    found = ask(
        models,
        data=data,
        metrics=metrics,
        alpha=alpha,
        allow_overlap=allow_overlap,
        trust=trust,
        measure=not no_speed,
        note=lambda text: output.note(f"note: {text}"),
    )
    if html is not None:
        output.note(f"page  {found.to_html(html, rows=rows)}")
    failed = fail_if is not None and found.fails(fail_if)
    if as_json:
        output.emit_json("compare", found.to_json())
    else:
        _show(found.comparison)
    if failed:
        output.error(f"it fails: {fail_if}")
    return 1 if failed else 0


def _show(found: Comparison) -> None:
    metric = found.metric
    level = f"{100 * (1 - found.alpha):g} %"
    output.emit_rows(
        ("model", "target", metric, f"{level} from", "to", "tied with best", "scored", "params", "bytes", "ms a row", "rows/s",
         "seconds", "cost"),
        [_line(model, metric) for model in found.models],
    )  # fmt: skip
    if metric in found.models[0].metrics:
        output.note(f"{found.n} rows; intervals: {found.models[0].metrics[metric].method}")
    for text in found.verdict():
        output.note(text)


def _line(model: Model, metric: str) -> tuple[output.Cell, ...]:
    main, facts = model.metrics.get(metric), model.facts
    return (
        model.name,
        model.target,
        None if main is None else output.number(main.value),
        None if main is None else output.number(main.ci_low),
        None if main is None else output.number(main.ci_high),
        model.tied_with_best,
        model.scored,
        facts.params,
        facts.bytes,
        None if facts.latency_ms is None else output.number(facts.latency_ms, 2),
        None if facts.throughput is None else round(facts.throughput),
        None if facts.seconds is None else output.number(facts.seconds, 1),
        None if facts.cost is None else f"${facts.cost.amount:.2f}",
    )
