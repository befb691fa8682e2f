"""`cloud-nas adopt` and `orphans`: what a cloud's own tags tell of jobs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.cli.places import IN_A_CLOUD
from cloud_nas.cli.settings import Command, common_options, current, profile_option

if TYPE_CHECKING:
    from cloud_nas.operations.adopt import Job

_COLUMNS = ("run", "name", "target", "job", "owner", "state", "created")


def _where(command: Command) -> Command:
    """Adds the options for where to look, and for whose jobs."""
    spec = click.option("--spec", metavar="SPEC", help="A spec whose `targets:` say which region, bucket and account.")
    owners = click.option("--all-owners", is_flag=True, help="Everybody's jobs, not only one's own.")
    return spec(owners(command))


@click.command()
@click.option("--on", metavar="T", required=True, help=f"The target: {IN_A_CLOUD}.")
@_where
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@profile_option
@common_options
def adopt(on: str, spec: str | None, all_owners: bool, as_json: bool) -> None:
    """Learn of one's runs in a cloud from its tags.

    For a machine that does not know them; runs that are known stay as they are. `status`, `logs`, `cancel` and `fetch` work for
    an adopted run as for any other.
    """
    from cloud_nas.operations.adopt import adopt as learn

    found = learn(on, all_owners=all_owners, spec=spec, profile=current().profile, note=_note)
    _emit("adopt", found, as_json)
    new = [one for one in found if one.adopted]
    output.note(f"{output.plural(len(new), 'run')} adopted")
    if new:
        output.hint(f"cloud-nas status {new[0].run_id}")


@click.command()
@click.option("--on", metavar="T", help="The target; all that take jobs by default.")
@_where
@click.option("--cancel", is_flag=True, help="End those that are at work, after asking.")
@click.option("-y", "--yes", is_flag=True, help="End them without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@profile_option
@common_options
def orphans(on: str | None, spec: str | None, all_owners: bool, cancel: bool, yes: bool, as_json: bool) -> None:
    """List jobs in a cloud that no run here knows.

    They carry our tags, go on, and cost, until they are ended here or `adopt` makes runs of them.
    """
    from cloud_nas.operations.adopt import orphans as look

    found = look(
        on,
        all_owners=all_owners,
        cancel=cancel,
        confirm=lambda jobs: yes or _confirmed(jobs),
        spec=spec,
        profile=current().profile,
        note=_note,
    )
    _emit("orphans", found, as_json)
    if found and not cancel:
        output.hint(f"cloud-nas adopt --on {found[0].target}, or cloud-nas orphans --cancel")


def _note(text: str) -> None:
    output.note(f"note: {text}")


def _confirmed(jobs: list[Job]) -> bool:
    for one in jobs:
        output.note(f"{one.remote} of {one.owner}, since {one.created_at}")
    return sys.stdin.isatty() and click.confirm("End these jobs?", err=True)


def _emit(command: str, found: list[Job], as_json: bool) -> None:
    if as_json:
        output.emit_json(command, {"jobs": [one.to_json() for one in found]})
        return
    rows = [(one.run_id, one.name, one.target, one.remote, one.owner, one.state, one.created_at) for one in found]
    output.emit_rows(_COLUMNS, rows)
