"""`cloud-nas init`: a starter spec from a template, a data set or a Keras Tuner script."""

from __future__ import annotations

from pathlib import Path

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options
from cloud_nas.quiet import quiet_tensorflow


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--template", "template", metavar="NAME", help="One of the starters that `--list` shows.")
@click.option(
    "--data", "source", metavar="FILE", type=click.Path(path_type=Path), help="Your data; the task is inferred from it."
)
@click.option("--target", metavar="COLUMN", help="With --data, for a table: the column to predict.")
@click.option("--from", "script", metavar="SCRIPT.py", type=click.Path(path_type=Path), help="A whole Keras Tuner script.")
@click.option("--list", "listing", is_flag=True, help="List the templates.")
@common_options
def init(
    folder: Path | None, template: str | None, source: Path | None, target: str | None, script: Path | None, listing: bool
) -> None:
    """Write a starter spec that passes `check`.

    Into DIR, or the current folder (with --from the script's), with a model beside it and the JSON Schema for editors. Nothing is
    overwritten.
    """
    from cloud_nas.operations import initialize

    _refuse_two({"--template": template, "--data": source, "--from": script, "--list": listing or None})
    if target is not None and source is None:
        raise click.UsageError("--target goes with --data")
    if listing:
        output.emit_rows(("name", "what"), [(one.name, one.summary) for one in initialize.templates()])
        return
    quiet_tensorflow()
    if script is not None:
        from cloud_nas.operations.from_script import from_script

        starter = from_script(folder, script)
    elif source is not None:
        starter = initialize.from_data(folder or Path(), source, target)
    else:
        starter = initialize.from_template(folder or Path(), template or initialize.DEFAULT)
    _tell(starter.spec, starter.files, starter.notes)


def _refuse_two(given: dict[str, object]) -> None:
    """Refuses options that say different things."""
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} do not go together")


def _tell(spec: Path, files: tuple[Path, ...], notes: tuple[str, ...]) -> None:
    for path in files:
        click.echo(str(path))
    for note in notes:
        output.note(f"note: {note}")
    output.hint(f"cloud-nas run {output.shell(spec)}")
