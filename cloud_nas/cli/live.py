"""The live display of a search on a terminal. The only file that draws with rich while something runs."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cloud_nas.cli import output
from cloud_nas.cli.lines import final, metrics, note, started
from cloud_nas.cli.standing import Running, Standing
from cloud_nas.operations import events

_SHOWN = 4
"""How many trials at work are shown in full; a machine with more cores shows the first ones."""


class LiveDisplay:
    """Draws where a search stands, a few times a second, until the block ends.

    What others print meanwhile (a user's builder, for one) appears above it. Drawing has a thread of its own, and Ctrl-C may
    speak up in the middle of an event: there is no lock, what is drawn is copied in one step.
    """

    def __init__(self, standing: Standing, console: Console | None = None) -> None:
        self._standing = standing
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, get_renderable=self.render, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()

    def __call__(self, event: events.Event) -> None:
        """Takes one event in; what should stay on the screen is printed above the display."""
        self._standing.take(event)
        if isinstance(event, events.Note):
            self._console.print(Text(note(event)))
        elif isinstance(event, events.SearchStarted):
            self._console.print(Text(started(event)))
        elif isinstance(event, events.TrialEnded) and event.state == "failed":
            self._console.print(Text(f"trial {event.number} failed: {event.reason or 'no reason given'}"))

    def render(self) -> RenderableType:
        """The whole display."""
        standing = self._standing
        if standing.plan is None:
            return Text("reading the data and the model ...", style="dim")
        if standing.final is not None:
            return Group(self._counts(), self._best(), Text(final(standing.final) + " ..."))
        shown = list(standing.running.values())[:_SHOWN]
        return Group(self._counts(), self._best(), *(part for trial in shown for part in self._trial(trial)), self._time())

    def _counts(self) -> Text:
        standing = self._standing
        total = standing.plan.trials if standing.plan else None
        finished = sum(standing.count(state) for state in ("done", "pruned", "failed"))
        text = Text.assemble(("trials ", "bold"), f"{finished}/{total}" if total else str(finished))
        for state in ("done", "pruned", "failed"):
            if standing.count(state):
                text.append(f"  {standing.count(state)} {state}", style="red" if state == "failed" else "")
        return text.append(f"  {len(standing.running)} running")

    def _best(self) -> Text:
        best = self._standing.best
        if best is None:
            return Text.assemble(("best   ", "bold"), "none yet")
        value = f"{self._standing.metric} {output.number(best.value)}"
        return Text.assemble(("best   ", "bold"), (value, "green"), f"  (trial {best.number})")

    def _trial(self, trial: Running) -> list[RenderableType]:
        """One trial: its hyperparameters beside the best so far, as Keras Tuner shows them, then its epochs."""
        best = self._standing.best
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"trial {trial.number}", title_justify="left")
        for heading in ("Value", "Best so far", "Hyperparameter"):
            table.add_column(heading)
        for name, value in trial.params.items():
            known = best is not None and name in best.params
            table.add_row(
                Text(output.parameter(value)), Text(output.parameter(best.params[name]) if best and known else "?"), Text(name)
            )
        line = Table.grid(padding=(0, 1))
        numbers = metrics(trial.metrics)
        line.add_row(
            Text(f"epoch {trial.epoch}/{trial.epochs}"),
            ProgressBar(total=trial.epochs, completed=trial.epoch, width=20),
            Text(numbers),
        )
        return [table, line]

    def _time(self) -> Text:
        left, is_cap = self._standing.left()
        text = Text.assemble(("time   ", "bold"), output.duration(self._standing.elapsed))
        if left is not None:
            text.append(f"  {output.duration(left)} left under the cap" if is_cap else f"  about {output.duration(left)} left")
        return text
