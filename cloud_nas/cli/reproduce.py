"""`cloud-nas reproduce`: the best of a run, trained again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.cli.progress import Display, Lines, following
from cloud_nas.cli.settings import common_options, current, progress_option
from cloud_nas.operations.events import Event, SearchStarted
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.reproduce import Compared, Reproduction

FAILED = 1
_DIGITS = 6


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--trust", is_flag=True, help="Run the code that the run kept although it has not run on this machine.")
@progress_option
@common_options
def reproduce(run: str, as_json: bool, trust: bool) -> int:
    """Train the best of a run again, and compare.

    Hyperparameters, seed, epochs, code and threads are those that the run kept; the data have to be the same. Fails where the
    numbers differ and nothing explains it: neither packages nor processor, threads or GPUs.
    """
    from cloud_nas.operations.logs import objective_of
    from cloud_nas.operations.reproduce import reproduce as ask

    quiet_tensorflow()
    with following(current(), *objective_of(run)) as display:
        found = ask(run, trust=trust, observers=(_training(display),))
    if as_json:
        output.emit_json("reproduce", found.to_json())
    else:
        output.emit_rows(("number", "recorded", "reproduced", "difference"), _rows(found))
    return _verdict(found)


def _training(display: Display) -> Display:
    """The display, which does not say that a search begins: there is none."""

    def tell(event: Event) -> None:
        if isinstance(event, SearchStarted) and isinstance(display, Lines):
            display.take(event)
        else:
            display(event)

    return tell


def _rows(found: Reproduction) -> list[tuple[str, str, str, str]]:
    named = {f"val_{found.metric}": found.value} | {f"test {name}": one for name, one in found.test.items()}
    return [(name, *_cells(one)) for name, one in named.items()]


def _cells(one: Compared) -> tuple[str, str, str]:
    difference = one.difference
    shown = "0" if difference == 0 else output.number(None) if difference is None else f"{difference:+.3g}"
    return output.number(one.recorded, _DIGITS), output.number(one.reproduced, _DIGITS), shown


def _verdict(found: Reproduction) -> int:
    """Says what it means, on stderr; gives the exit status."""
    trial = f"trial {found.trial} of {found.run_id}"
    for condition in found.conditions:
        output.note(f"not as it was: {condition}")
    if found.exact:
        output.note(f"{trial} came out as recorded, to the last bit")
        return 0
    since = "" if found.differs_from is None else f" from epoch {found.differs_from} on"
    if found.conditions:
        output.note(f"{trial} came out otherwise{since}")
        return 0
    output.error(f"{trial} came out otherwise{since}, under the same conditions")
    output.hint("code that draws numbers outside Keras' generators, or reads files that changed, does that", force=True)
    return FAILED
