"""A search's events in words, a line each: what the plain lines and the live display both say."""

from __future__ import annotations

from collections.abc import Mapping

from cloud_nas.cli import output
from cloud_nas.operations import events


def note(event: events.Note) -> str:
    """`warning:` where it has a code that `explain` knows, else `note:`."""
    return f"note: {event.message}" if event.code is None else f"warning: {event.message} [{event.code}]"


def started(event: events.SearchStarted) -> str:
    """The line that says how far the search may go."""
    caps = [output.plural(event.trials, "trial")] if event.trials else []
    caps += [output.plural(event.epochs, "epoch")] if event.epochs else []
    caps += [f"at most {output.duration(event.seconds)}"] if event.seconds else []
    crew = f"; {output.plural(event.workers, 'worker')}" if event.workers else ""
    return f"searching {', '.join(event.parameters) or 'nothing'}: {', '.join(caps) or 'without a cap'}{crew}"


def final(event: events.FinalStarted) -> str:
    """The line that says how the best is made."""
    if not event.epochs:
        return f"keeping the model of trial {event.number}"
    return f"training trial {event.number} again: {output.plural(event.epochs, 'epoch')} on {event.rows} rows"


def metrics(values: Mapping[str, float]) -> str:
    """An epoch's numbers on one line."""
    return "  ".join(f"{name} {output.number(value)}" for name, value in values.items())
