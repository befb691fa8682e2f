"""What `run` and `submit` have in common: the options of a search, and the spec as they have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli.settings import Command, current

if TYPE_CHECKING:
    from cloud_nas.spec import LoadedSpec

_CAPS = (
    click.option(
        "--max-trials", metavar="N", type=click.IntRange(min=1), help="The most configurations, in place of the budget's."
    ),
    click.option(
        "--max-time", metavar="TIME", help="The longest the search may take, such as 2h or 90s, in place of the budget's."
    ),
)
_CREW = (
    click.option(
        "--parallel",
        metavar="N",
        type=click.IntRange(min=0),
        help="Train in N processes at once, 0 in this one; as many as fit by default, or $CLOUD_NAS_PARALLEL.",
    ),
    click.option("--gpus", metavar="0,1", help="Train on these GPUs, `none` for none of them; on all there are by default."),
)
_HERE = click.option("--on", type=click.Choice(["local"]), default="local", help="Where: this machine.")


def caps_options(command: Command) -> Command:
    """Adds the options for how far a search goes."""
    return _with(command, _CAPS)


def crew_options(command: Command) -> Command:
    """Adds the options for what of this machine trains."""
    return _with(command, _CREW)


def search_options(command: Command) -> Command:
    """Adds the options that say how a search is run here."""
    return _HERE(caps_options(crew_options(command)))


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def load_to_search(
    spec: str, *, on: str, max_trials: int | None, max_time: str | None, parallel: int | None, gpus: str | None
) -> tuple[LoadedSpec, dict[str, Any]]:
    """The spec with the caps that were given, and the arguments that the operation takes."""
    from cloud_nas.spec import load

    loaded = load(spec, profile=current().profile, overrides={"budget.trials": max_trials, "budget.time": max_time})
    return loaded, {"on": on, "parallel": parallel, "gpus": None if gpus is None else listed(gpus)}


def listed(gpus: str) -> tuple[str, ...]:
    """The GPUs that a comma-separated list names."""
    return () if gpus.strip() in ("", "none") else tuple(name.strip() for name in gpus.split(",") if name.strip())
