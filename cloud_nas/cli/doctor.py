"""`cloud-nas doctor`: what works on this machine, what does not, and the command that mends it."""

from __future__ import annotations

import importlib

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options

FAILED = 1


@click.command()
@click.argument("areas", metavar="[local|gpu]...", nargs=-1, type=click.Choice(["local", "gpu"]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def doctor(areas: tuple[str, ...], as_json: bool) -> int:
    """Tell what works here, what does not, and what mends it.

    `local`, which is meant where nothing is named: Python, the engine's packages, processor, memory and disk. `gpu`: what
    TensorFlow sees of the GPUs, and why not. Exits 1 where something does not work.
    """
    asked = dict.fromkeys(areas or ("local",))
    found = {area: importlib.import_module(f"cloud_nas.doctor.{area}").look() for area in asked}
    problems = [one for findings in found.values() for one in findings if one.ok is False]
    if as_json:
        areas_json = {area: [one.to_json() for one in findings] for area, findings in found.items()}
        output.emit_json("doctor", {"ok": not problems, "areas": areas_json})
    else:
        rows = [(one.name, _word(one.ok), one.text, one.hint) for findings in found.values() for one in findings]
        output.emit_rows(("what", "state", "found", "mend"), rows)
        if problems:
            output.error(f"{output.plural(len(problems), 'problem')}: {', '.join(one.name for one in problems)}")
            output.hint(problems[0].hint or "see above", force=True)
        elif "gpu" not in asked:
            output.hint("cloud-nas doctor gpu looks at the GPUs")
    return FAILED if problems else 0


def _word(ok: bool | None) -> str | None:
    return None if ok is None else "ok" if ok else "problem"
