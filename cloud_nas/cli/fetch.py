"""`cloud-nas fetch`: a model, copied to where one wants it."""

from __future__ import annotations

from pathlib import Path

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options
from cloud_nas.files import in_words


@click.command()
@click.argument("run", metavar="RUN[/TRIAL]")
@click.option("--trial", metavar="N", type=click.IntRange(min=0), help="The model of trial N, not the run's final one.")
@click.option("--to", metavar="DIR", type=click.Path(path_type=Path), help="The new folder; ./RUN or ./RUN-N by default.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def fetch(run: str, trial: int | None, to: Path | None, as_json: bool) -> None:
    """Copy a run's model, every file verified.

    What ran in a cloud is brought home first. The folder is made whole or not at all, and one that holds something else is left
    alone.
    """
    from cloud_nas.operations.fetch import fetch as ask

    found = ask(run, trial=trial, to=to, note=output.note)
    if as_json:
        output.emit_json("fetch", found.to_json())
        return
    size = sum(file.bytes for file in found.files)
    files = f"{output.plural(len(found.files), 'file')}, {in_words(size)}"
    model = output.shell(found.dir)
    if found.is_candidate:
        output.note(files if found.runnable else f"{files}; this model runs only at its service")
        model = found.run_id
    else:
        output.note(f"{files}, each as the manifest says")
    click.echo(str(found.dir))
    output.hint(f"cloud-nas evaluate {model} DATA")
