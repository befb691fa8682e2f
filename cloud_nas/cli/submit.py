"""`cloud-nas submit`: a search in the background, here or in a cloud."""

from __future__ import annotations

from typing import Any

import click

from cloud_nas.cli import output
from cloud_nas.cli.confirming import confirmed
from cloud_nas.cli.control import told
from cloud_nas.cli.places import IN_A_CLOUD
from cloud_nas.cli.searching import caps_options, crew_options, listed
from cloud_nas.cli.settings import common_options, current, profile_option
from cloud_nas.quiet import quiet_tensorflow

_KEYS = ("run_id", "target", "state", "spec_sha256", "best", "trials", "seconds", "model", "remote", "attempt")


@click.command()
@click.argument("spec", metavar="SPEC|plan.json")
@click.option(
    "--on",
    metavar="T",
    help=f"Where: local (the default), {IN_A_CLOUD}; a plan knows.",
)
@caps_options
@crew_options
@click.option("--max-cost", metavar="USD", type=click.FloatRange(min=0, min_open=True), help="The most that a job may cost.")
@click.option("--accept-estimate", is_flag=True, help="Hold an estimate against --max-cost, where the service has no cap.")
@click.option("--spot", is_flag=True, help="Train on spare capacity of the cloud.")
@click.option("--fresh", "--new", is_flag=True, help="Start anew, whatever was run before.")
@click.option("--allow-overlap", is_flag=True, help="Copies of held-out rows may be among the rows that travel to a cloud.")
@click.option("--wait", "until_ended", is_flag=True, help="Wait until it has ended, and exit as it did.")
@click.option("-y", "--yes", is_flag=True, help="Make what the plan shows without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@profile_option
@common_options
def submit(
    spec: str,
    on: str | None,
    gpus: str | None,
    spot: bool,
    until_ended: bool,
    yes: bool,
    as_json: bool,
    **asked: Any,
) -> int:
    """Search in the background, here or as a job in a cloud.

    Here it does what `run` does, in a process that goes on when this terminal is closed. In a cloud it shows what will be made
    and the most that it can cost, asks, uploads and makes the job, once: the same command again attaches to it. Prints the run's
    id.
    """
    from cloud_nas.operations.submit import submit as start
    from cloud_nas.operations.wait import wait as until

    quiet_tensorflow()
    run = start(
        spec,
        on=on,
        gpus=None if gpus is None else listed(gpus),
        spot=True if spot else None,
        profile=current().profile,
        confirm=lambda plan: yes or confirmed(plan, "Submit it?"),
        note=lambda text: output.note(f"note: {text}"),
        **asked,
    )
    for line in run.notes:
        output.note(f"note: {line}")
    if not as_json:
        click.echo(run.id)
    try:
        found = until(run.id)[0] if until_ended else run.status()
    except KeyboardInterrupt:
        output.hint(f"{run.id} goes on; cloud-nas cancel {run.id} ends it")
        raise
    if as_json:
        values = found.to_json()
        output.emit_json("submit", {key: values[key] for key in _KEYS})
    if until_ended:
        return told([found])
    if found.model is not None:
        output.hint(f"cloud-nas predict {run.id} DATA --out predictions.parquet")
    elif found.state == "succeeded":
        output.hint(f"cloud-nas fetch {run.id}")
    else:
        output.hint(f"cloud-nas logs {run.id} --follow")
    return 0
