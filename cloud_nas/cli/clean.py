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
@click.option("--cloud", is_flag=True, help="Delete what they left in their clouds, and nothing here.")
@click.option("--keep-best", is_flag=True, help="Leave the final model, its predictions, the study and the curves.")
@click.option("-y", "--yes", is_flag=True, help="Delete without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def clean(runs: tuple[str, ...], cloud: bool, keep_best: bool, yes: bool, as_json: bool) -> None:
    """Delete runs, after showing what they take.

    Without RUN all that ended, folders of runs that are not known any more, crash files, and what is cached for jobs in a cloud.
    Runs at work are left alone, and so is whatever lies in a run's folder and is not ours. With --cloud the results and the
    checkpoints in the bucket go instead; rows and code that runs share by their content stay there, and are named.
    """
    from cloud_nas.operations.clean import carry_out, look

    if cloud:
        if keep_best:
            raise UsageError("--cloud and --keep-best do not go together", hint="cloud-nas fetch RUN brings the best home first")
        _clean_clouds(runs, yes, as_json)
        return
    found = look(runs, keep_best=keep_best)
    if not as_json:
        _list(found)
    something = bool(found.runs or found.crashes or found.cache)
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


def _clean_clouds(runs: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Shows what is in the clouds, and deletes it once that was agreed to."""
    from cloud_nas.operations.clean_cloud import carry_out_there, look_there

    found = look_there(runs)
    if not as_json:
        rows = [
            (one.run_id, one.name, one.state, len(one.left), in_words(one.bytes), output.number(one.monthly))
            for one in found.runs
        ]
        output.emit_rows(("run", "name", "state", "objects", "size", "USD a month"), rows)
    for line in (*found.notes, *(f"shared by content, stays: {uri}" for uri in found.shared)):
        output.note(line)
    asks = bool(found.runs) and not yes and sys.stdin.isatty()
    question = f"delete what {output.plural(len(found.runs), 'run')} left in the cloud, {in_words(found.bytes)}?"
    agreed = bool(found.runs) and (yes or (asks and click.confirm(question, err=True)))
    if agreed:
        carry_out_there(found)
    if as_json:
        output.emit_json("clean", found.to_json() | {"deleted": agreed})
    if found.runs and not agreed and not asks:
        raise UsageError("nothing was deleted: there is no terminal to ask at", hint="--yes deletes without asking")
    output.note(f"{in_words(found.bytes)} deleted" if agreed else "nothing was deleted" if found.runs else "nothing to delete")


def _list(found: Cleaning) -> None:
    rows: list[tuple[output.Cell, ...]] = [
        (one.run_id, one.name, one.state or "not in the registry", one.files, in_words(one.bytes), _kept(len(one.foreign)))
        for one in found.runs
    ]
    rows += [(str(one.path), None, "crash file", 1, in_words(one.bytes), None) for one in found.crashes]
    rows += [(str(one.paths[0]), None, f"cached {one.kind}", None, in_words(one.bytes), None) for one in found.cache]
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
    what += [f"{len(found.cache)} of the cache"] if found.cache else []
    kept = "all but the best of " if found.keep == "best" else ""
    return click.confirm(f"delete {kept}{' and '.join(what)}, {in_words(found.bytes)}?", err=True)
