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
CLOUDS = {"aws": "sagemaker", "gcp": "vertex"}
"""The areas that look at a spec, and which section of its `targets` they look at."""


@click.command()
@click.argument("areas", metavar="[local|gpu|aws|gcp]...", nargs=-1, type=click.Choice(["local", "gpu", *CLOUDS]))
@click.option("--spec", metavar="SPEC", help="For `aws` and `gcp`: the spec whose bucket, role and machines are looked at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def doctor(areas: tuple[str, ...], spec: str | None, as_json: bool) -> int:
    """Tell what works here, what does not, and what mends it.

    `local`, which is meant where nothing is named: Python, the engine's packages, processor, memory and disk. `gpu`: what
    TensorFlow sees of the GPUs, and why not. `aws`: the login, the bucket, the role and the
    quotas. `gcp`: the login, the API, the bucket, the account and the quotas. Nothing is made.
    Exits 1 where something does not work.
    """
    asked = dict.fromkeys(areas or ("local",))
    if spec is not None and not set(asked) & set(CLOUDS):
        raise click.UsageError("--spec goes with aws or gcp")
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
    found: tuple[Finding, ...] = look(_place(spec, area)) if area in CLOUDS and spec is not None else look()
    return found


def _place(spec: str, area: str) -> dict[str, Any]:
    """What a spec says of a cloud."""
    from cloud_nas.spec import load

    section: Any = getattr(load(spec).spec.targets, CLOUDS[area])
    return dict(section.model_dump())


def _word(ok: bool | None) -> str | None:
    return None if ok is None else "ok" if ok else "problem"
