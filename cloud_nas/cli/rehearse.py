"""`cloud-nas rehearse`: a whole cloud job on this machine, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.cli.ends import exit_status
from cloud_nas.cli.places import IN_A_CLOUD
from cloud_nas.cli.settings import common_options, current, profile_option
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.rehearse import Rehearsed

_FAULTS = ("throttle", "expire", "quota", "preempt", "lost-reply", "slow-list", "bad-trial")


@click.command()
@click.argument("spec")
@click.option("--on", metavar="T", required=True, help=f"Where: {IN_A_CLOUD}.")
@click.option(
    "--fault", "faults", multiple=True, type=click.Choice(_FAULTS), help="What the cloud does to its user; may be repeated."
)
@click.option("--rows", metavar="N", type=click.IntRange(min=1), help="Train and validate on about so many rows.")
@click.option("--trials", "max_trials", metavar="N", type=click.IntRange(min=1), help="The most configurations.")
@click.option("--allow-overlap", is_flag=True, help="Copies of held-out rows may be among the rows that travel.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@profile_option
@common_options
def rehearse(
    spec: str,
    on: str,
    faults: tuple[str, ...],
    rows: int | None,
    max_trials: int | None,
    allow_overlap: bool,
    as_json: bool,
) -> int:
    """Do the whole cloud job on this machine, offline.

    A stand-in for the cloud takes the same requests, really runs what is uploaded, and is no kinder than the service. Needs no
    account, costs nothing, and leaves the run, marked as rehearsed, with its model. Exits as the run ended.
    """
    from cloud_nas.operations.rehearse import rehearse as carry_out

    quiet_tensorflow()
    found = carry_out(
        spec,
        on=on,
        faults=faults,
        rows=rows,
        max_trials=max_trials,
        allow_overlap=allow_overlap,
        profile=current().profile,
        note=lambda text: output.note(f"rehearsal: {text}"),
    )
    if as_json:
        output.emit_json("rehearse", found.to_json())
    else:
        _show(found)
    return exit_status([found.state]) if found.state != "succeeded" or found.passed else 1


def _show(found: Rehearsed) -> None:
    rows = [(step.name, "ok" if step.ok else "failed", output.duration(step.seconds), step.told) for step in found.steps]
    output.emit_rows(("step", "end", "time", "what"), rows)
    for fault, times in found.faults.items():
        output.note(f"{fault}: struck {times} times")
    if found.metrics:
        whose = f" (plain models that stand in for {found.stands_for}'s)" if found.stands_for else ""
        output.note(f"{', '.join(f'{name} {value:.4g}' for name, value in found.metrics.items())} on the held-out rows{whose}")
    output.hint(f"cloud-nas show {found.run_id}")
