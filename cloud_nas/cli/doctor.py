"""`cloud-nas doctor`: what works on this machine, what does not, and the command that mends it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options

if TYPE_CHECKING:
    from cloud_nas.doctor.finding import Finding

FAILED = 1


@click.command()
@click.argument("areas", metavar="[local|gpu|aws]...", nargs=-1, type=click.Choice(["local", "gpu", "aws"]))
@click.option("--spec", metavar="SPEC", help="For `aws`: the spec whose bucket, role and machines are looked at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def doctor(areas: tuple[str, ...], spec: str | None, as_json: bool) -> int:
    """Tell what works here, what does not, and what mends it.

    `local`, which is meant where nothing is named: Python, the engine's packages, processor, memory and disk. `gpu`: what
    TensorFlow sees of the GPUs, and why not. `aws`: the login, the bucket, the role and the
    quotas; nothing is made. Exits 1 where something does not work.
    """
    asked = dict.fromkeys(areas or ("local",))
    if spec is not None and "aws" not in asked:
        raise click.UsageError("--spec goes with aws")
    found = {area: _look(area, spec) for area in asked}
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
        elif "local" in asked and "gpu" not in asked:
            output.hint("cloud-nas doctor gpu looks at the GPUs")
    return FAILED if problems else 0


def _look(area: str, spec: str | None) -> tuple[Finding, ...]:
    look: Any = importlib.import_module(f"cloud_nas.doctor.{area}").look
    found: tuple[Finding, ...] = look(_place(spec)) if area == "aws" and spec is not None else look()
    return found


def _place(spec: str) -> dict[str, Any]:
    """What a spec says of SageMaker."""
    from cloud_nas.spec import load

    return load(spec).spec.targets.sagemaker.model_dump()


def _word(ok: bool | None) -> str | None:
    return None if ok is None else "ok" if ok else "problem"
