"""`cloud-nas check`, `explain` and `schema`: the spec, its mistakes and its form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options, current, profile_option
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.check import Checked
    from cloud_nas.spec import LoadedSpec

NOT_VALID = 2
NOT_THERE = 5
_NO_FILE = "CN101"


@click.command()
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@click.option("--on", metavar="T", help="Also what a target, such as vertex:tuning, would refuse or do otherwise.")
@click.option("--no-build", is_flag=True, help="Do not load the data, nor build the model once with its defaults.")
@click.option("--format", "form", type=click.Choice(["full", "json", "github"]), default="full", help="How mistakes are written.")
@profile_option
@common_options
def check(specs: tuple[str, ...], on: str | None, no_build: bool, form: str) -> int:
    """Find the mistakes in a spec, all at once.

    Each with its place, a code that `cloud-nas explain` knows, and a hint. With -v also every value and where it comes from.
    """
    from cloud_nas.operations.check import check as look

    quiet_tensorflow()
    checked = look(specs, build=not no_build, profile=current().profile, on=on)
    _print(checked, form)
    for note in checked.notes:
        output.note(f"note: {note}")
    if form == "full":
        _summary(checked, specs)
    if checked.ok:
        return 0
    errors = {one.code for one in checked.diagnostics if one.severity == "error"}
    return NOT_THERE if errors == {_NO_FILE} else NOT_VALID


@click.command()
@click.argument("code")
@common_options
def explain(code: str) -> None:
    """Tell what a diagnostic means and how to mend it."""
    from cloud_nas import codes

    click.echo(codes.explain(code))


@click.command()
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
@common_options
def schema(out: Path | None) -> None:
    """Print the JSON Schema of the spec, for editors.

    A spec that begins with `# yaml-language-server: $schema=./cloud-nas.schema.json` is completed and checked while it is typed.
    """
    from cloud_nas.operations.schema import schema_text, write_schema

    if out is None:
        click.echo(schema_text(), nl=False)
        return
    write_schema(out)
    output.hint(f"put this first in the spec: # yaml-language-server: $schema={out.name}")


def _print(checked: Checked, form: str) -> None:
    """The diagnostics, and with `-v` the values, on stdout."""
    from cloud_nas.spec import diagnostics

    if form == "json":
        output.emit_json("check", checked.to_json())
        return
    text = diagnostics.to_github(checked.diagnostics) if form == "github" else diagnostics.render(checked.diagnostics)
    if text:
        click.echo(text)
    if form == "full" and current().verbose:
        for loaded in checked.loaded:
            _values(loaded)


def _values(loaded: LoadedSpec) -> None:
    """Every value of a spec with where it comes from."""
    spec = loaded.spec.model_dump(mode="json")
    rows = [(key, _short(key, _value(spec, key)), origin) for key, origin in sorted(loaded.origins.items())]
    output.emit_rows(("key", "value", "from"), rows)


def _value(spec: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        spec = spec[int(part)] if isinstance(spec, list) else spec.get(part) if isinstance(spec, dict) else None
    return spec


def _short(key: str, value: Any) -> output.Cell:
    """A value as the spec would have it."""
    if value is None:
        return "null"
    if key == "budget.time":
        from cloud_nas.spec.durations import format_duration

        return format_duration(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _summary(checked: Checked, specs: tuple[str, ...]) -> None:
    """How many mistakes, and the next step."""
    if checked.diagnostics:
        output.note(output.counted(checked.diagnostics))
    if not checked.ok:
        first = next(one for one in checked.diagnostics if one.severity == "error")
        output.hint(f"cloud-nas explain {first.code}")
        return
    if not checked.diagnostics:
        output.note(f"no mistakes in {', '.join(specs)}")
    output.hint(f"cloud-nas run {output.shell(specs[0])}")
