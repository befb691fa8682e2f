"""`cloud-nas plan`: what would be made of a spec at a place, shown before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.places import IN_A_CLOUD
from cloud_nas.cli.settings import common_options, current, profile_option
from cloud_nas.files import in_words
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.plan import PlanResult


@click.command()
@click.argument("spec")
@click.option("--on", metavar="T", required=True, help=f"Where: {IN_A_CLOUD}.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write it too; `submit FILE` takes it."
)
@click.option("--strict", is_flag=True, help="Refuse (exit 3) where something of the spec is dropped or approximated.")
@click.option("--spot", is_flag=True, help="Train on spare capacity.")
@click.option("--max-trials", metavar="N", type=click.IntRange(min=1), help="The most configurations, in place of the budget's.")
@click.option("--max-time", metavar="TIME", help="The longest the search may take, in place of the budget's.")
@profile_option
@common_options
def plan(
    spec: str,
    on: str,
    as_json: bool,
    out: Path | None,
    strict: bool,
    spot: bool,
    max_trials: int | None,
    max_time: str | None,
) -> None:
    """Show what would be made of a spec at a place, and send nothing.

    The requests exactly as they would be sent, the files that travel, what the place cannot carry, the most that it can cost, the
    permissions that it needs, and what stays there afterwards. Needs no credentials.
    """
    from cloud_nas.operations.plan import plan as make

    quiet_tensorflow()
    made = make(
        spec,
        on=on,
        spot=True if spot else None,
        max_trials=max_trials,
        max_time=max_time,
        profile=current().profile,
        strict=strict,
        note=lambda note: output.note(f"note: {note.message}"),
    )
    if out is not None:
        made.write(out)
    if as_json:
        output.emit_json("plan", made.to_json())
    else:
        _show(made)
    for text in made.plan.notes:
        output.note(f"note: {text}")
    what = output.shell(out) if out is not None else f"{output.shell(spec)} --on {on}"
    output.hint(f"cloud-nas submit {what}")


def _show(made: PlanResult) -> None:
    """The plan for a person, on stdout."""
    name = "" if made.plan.name is None else f" as {made.plan.name.remote}"
    click.echo(f"{made.target}{name} in {_where(made.plan.place)}")
    for request in made.requests:
        _section(f"request {request.service} {request.operation}")
        click.echo(json.dumps(request.body, indent=2, ensure_ascii=False))
    _section(f"uploads ({in_words(sum(one.bytes for one in made.uploads))})")
    for upload in made.uploads:
        click.echo(f"  {in_words(upload.bytes):>9}  {upload.source} -> {upload.destination}")
    _section("losses" if made.losses else "losses: none")
    for loss in made.losses:
        place = made.spec_path if loss.line is None else f"{made.spec_path}:{loss.line}"
        click.echo(f"  {place}: {loss.code} {loss.path}: {loss.kind}: {loss.what}")
        click.echo(f"    {loss.why}")
    _section(f"cost: {_cost(made)}")
    _section("permissions (the policies, or the lines that grant them: --json)")
    for whose, policy in made.permissions.items():
        click.echo(f"  {whose}: {', '.join(_allowed(policy)) or 'none'}")
    _section("what remains")
    for one in made.remains:
        size = "" if one.bytes is None else f" ({in_words(one.bytes)})"
        monthly = "" if one.monthly is None else f", {one.monthly:.4f} USD a month"
        click.echo(f"  {one.what}{size}{monthly}: {one.uri}")


def _where(place: Mapping[str, Any]) -> str:
    """The region, by either cloud's name for it."""
    return str(place.get("region") or place.get("location") or "no region")


def _section(title: str) -> None:
    click.echo(f"\n{title}")


def _cost(made: PlanResult) -> str:
    cost = made.max_cost
    if cost is None:
        return "not known, since a price is not: `cloud-nas prices` lists those that are"
    words = "at most" if cost.kind == "bound" else "an estimate:"
    return f"{words} {cost.amount:.2f} {cost.currency}\n  {cost.formula}"


def _allowed(policy: Any) -> list[str]:
    """What a policy of AWS's allows, or which roles are granted at Google, each once."""
    if isinstance(policy, list):
        return list(dict.fromkeys(f"{grant['role']} on {grant['on']}" for grant in policy))
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    found: dict[str, None] = {}
    for statement in statements:
        actions = statement.get("Action", [])
        found |= dict.fromkeys([actions] if isinstance(actions, str) else actions)
    return list(found)
