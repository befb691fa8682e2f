"""`cloud-nas clean`: what runs take on the disk, and their removal once that was agreed to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options
from cloud_nas.errors import UsageError
from cloud_nas.files import in_words

if TYPE_CHECKING:
    from cloud_nas.operations.clean import Cleaning


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--keep-best", is_flag=True, help="Leave the final model, its predictions, the study and the curves.")
@click.option("-y", "--yes", is_flag=True, help="Delete without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def clean(runs: tuple[str, ...], keep_best: bool, yes: bool, as_json: bool) -> None:
    """Delete runs, after showing what they take.

    Without RUN all that ended, folders of runs that are not known any more, and crash files. Runs at work are left alone, and so
    is whatever lies in a run's folder and is not ours.
    """
    from cloud_nas.operations.clean import carry_out, look

    found = look(runs, keep_best=keep_best)
    if not as_json:
        _list(found)
    something = bool(found.runs or found.crashes)
    agreed = something and (yes or _agreed(found))
    if agreed:
        carry_out(found)
    if as_json:
        output.emit_json("clean", found.to_json() | {"deleted": agreed})
    if agreed:
        output.note(f"{in_words(found.bytes)} deleted")
    elif something and not yes and not sys.stdin.isatty():
        raise UsageError("nothing was deleted: there is no terminal to ask at", hint="--yes deletes without asking")
    else:
        output.note("nothing was deleted" if something else "nothing to delete")


def _list(found: Cleaning) -> None:
    rows: list[tuple[output.Cell, ...]] = [
        (one.run_id, one.name, one.state or "not in the registry", one.files, in_words(one.bytes), _kept(len(one.foreign)))
        for one in found.runs
    ]
    rows += [(str(one.path), None, "crash file", 1, in_words(one.bytes), None) for one in found.crashes]
    output.emit_rows(("run", "name", "state", "files", "size", "stays"), rows)
    for run in found.runs:
        for path in run.foreign:
            output.note(f"not ours, stays: {path}")
    for line in found.notes:
        output.note(line)


def _kept(foreign: int) -> str | None:
    return f"{foreign} not ours" if foreign else None


def _agreed(found: Cleaning) -> bool:
    """Asks at the terminal; no terminal is no answer."""
    if not sys.stdin.isatty():
        return False
    what = [output.plural(len(found.runs), "run")] if found.runs else []
    what += [output.plural(len(found.crashes), "crash file")] if found.crashes else []
    kept = "all but the best of " if found.keep == "best" else ""
    return click.confirm(f"delete {kept}{' and '.join(what)}, {in_words(found.bytes)}?", err=True)
