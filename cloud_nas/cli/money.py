"""`cloud-nas cost` and `prices`: what runs cost, and the prices that this is reckoned with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options

if TYPE_CHECKING:
    from cloud_nas.states import Money
    from cloud_nas.targets.priced import Price


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def cost(runs: tuple[str, ...], as_json: bool) -> None:
    """Tell what runs could cost, and did cost.

    All that ran elsewhere than here, the newest first, or those that are named. What is not known is left empty, and is never 0.
    """
    from cloud_nas.operations.cost import cost as ask

    found = ask(runs)
    if as_json:
        output.emit_json("cost", {"runs": [one.to_json() for one in found]})
        return
    output.emit_rows(
        ("run", "name", "target", "state", "planned", "kind", "so far", "actual", "stays, a month"),
        [
            (
                one.run_id,
                one.name,
                one.target,
                one.state,
                None if one.planned is None else f"${one.planned.amount:.2f}",
                None if one.planned is None else one.planned.kind,
                _dollars(one.so_far),
                _dollars(one.actual),
                _dollars(one.monthly),
            )
            for one in found
        ],
    )
    if any(one.planned is not None for one in found):
        output.hint("cost --json has the formula of each figure")


@click.command()
@click.argument("action", metavar="[refresh]", required=False, type=click.Choice(["refresh"]))
@click.option("--on", "target", metavar="T", help="The target whose prices are read anew.")
@click.option("--region", metavar="REGION", help="Only this region; for `refresh` the default is the place's own configuration.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def prices(action: str | None, target: str | None, region: str | None, as_json: bool) -> None:
    """List the prices that are known, or read them anew.

    `refresh` reads the place's public list: AWS's needs no credentials, Google's the login that jobs are sent with. A table of
    your own, prices.toml in your configuration folder, beats it; what was last read beats the few that come with this version.
    """
    from cloud_nas.operations import prices as operation

    if action == "refresh":
        if target is None:
            raise click.UsageError("refresh needs --on T, such as --on sagemaker:tuning or vertex:tuning")
        found = operation.refresh(target, region)
        output.note(f"{output.plural(len(found), 'price')} of {found[0].region} known now")
    else:
        if target is not None:
            raise click.UsageError("--on goes with refresh")
        found = operation.prices(region)
    _emit(found, as_json)


def _emit(found: list[Price], as_json: bool) -> None:
    if as_json:
        output.emit_json("prices", {"prices": [one.to_json() for one in found]})
        return
    rows = [(one.provider, one.region, one.what, f"{one.usd:.6g}", one.unit, one.date or None, one.source) for one in found]
    output.emit_rows(("place", "region", "what", "USD", "per", "date", "source"), rows)


def _dollars(money: Money | None) -> str | None:
    """To the cent, or as many digits as it takes to show something."""
    if money is None:
        return None
    return f"${money.amount:.2f}" if money.amount >= 0.01 or not money.amount else f"${money.amount:.2g}"
