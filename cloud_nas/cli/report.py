"""`cloud-nas report`: a page about runs."""

from __future__ import annotations

from pathlib import Path

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options
from cloud_nas.files import in_words


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option(
    "--html", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The page; one that is there is replaced."
)
@click.option("--rows", is_flag=True, help="Let the page show rows of data. None of its parts does in this version.")
@common_options
def report(runs: tuple[str, ...], html: Path, rows: bool) -> None:
    """Write a page about runs, one HTML file.

    It holds their trials, learning curves, which hyperparameters mattered, spec and environment. It loads nothing from anywhere,
    so that it can be mailed or kept.
    """
    from cloud_nas.operations.report import report as ask

    written = ask(runs, html=html, rows=rows)
    output.note(f"{output.plural(len(written.run_ids), 'run')}, {in_words(written.bytes)}")
    click.echo(str(written.path))
