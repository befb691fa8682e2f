"""Progress of a search on stderr: a live display on a terminal, elsewhere a plain line a finished trial, nothing with `-q`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from cloud_nas.cli import output
from cloud_nas.cli.lines import final, metrics, note, started
from cloud_nas.cli.settings import Settings
from cloud_nas.cli.standing import Standing
from cloud_nas.operations import events


class Display(Protocol):
    """What shows events: both kinds of progress, and silence."""

    def __call__(self, event: events.Event) -> None:
        """Takes one event in and shows it."""


@contextmanager
def following(settings: Settings, metric: str, goal: str) -> Iterator[Display]:
    """An observer that shows a search for as long as the block lasts.

    Args:
        settings: how much the user wants to see.
        metric: the objective, without `val_`.
        goal: "maximize" or "minimize".
    """
    standing = Standing(metric, goal)
    if settings.quiet:
        yield standing.take
    elif settings.live and sys.stderr.isatty():
        from cloud_nas.cli.live import LiveDisplay

        with LiveDisplay(standing) as display:
            yield display
    else:
        yield Lines(standing, verbose=settings.verbose)


class Lines:
    """A line when a trial's turn is over; with `verbose` one for each epoch too."""

    def __init__(self, standing: Standing, *, verbose: bool = False) -> None:
        self._standing = standing
        self._verbose = verbose

    def __call__(self, event: events.Event) -> None:
        """Takes one event in and prints its line, if it has one."""
        line = self.take(event)
        if line:
            output.say(line)

    def take(self, event: events.Event) -> str | None:
        """Takes one event in; gives its line, None where it has none."""
        self._standing.take(event)
        return self._line(event)

    def _line(self, event: events.Event) -> str | None:
        if isinstance(event, events.Note):
            return note(event)
        if isinstance(event, events.SearchStarted):
            return started(event)
        if isinstance(event, events.EpochEnded) and self._verbose:
            return f"trial {event.number}  epoch {event.epoch}  {metrics(event.metrics)}"
        if isinstance(event, events.TrialEnded):
            return self._ended(event)
        if isinstance(event, events.FinalStarted):
            return final(event)
        return None

    def _ended(self, event: events.TrialEnded) -> str:
        metric = self._standing.metric
        if event.state == "failed":
            parts = [f"failed: {event.reason or 'no reason given'}"]
        else:
            ended = "stopped" if event.state == "running" else event.state
            parts = [f"{metric} {output.number(event.value)}" if event.value is not None else ended]
            parts += [ended] if ended != "done" and event.value is not None else []
        best = self._standing.best
        if best is not None:
            parts.append(f"best {output.number(best.value)} (trial {best.number})")
        parts += [output.plural(event.epochs, "epoch"), output.duration(event.seconds)]
        return f"trial {event.number}  " + "  ".join(parts)
