"""A machine on which nothing runs: what happens on it is a script, at times of the stand-in's clock."""

from __future__ import annotations

from collections import deque

from cloud_nas.rehearse.aws.storage import Storage
from cloud_nas.rehearse.aws.work import Work
from cloud_nas.rehearse.aws.worker import Event
from cloud_nas.rehearse.script import Script, rising, small_archive


class Simulated:
    """Follows a script from `begun` on."""

    def __init__(self, work: Work, script: Script, storage: Storage, begun: float) -> None:
        self._work, self._script, self._storage = work, script, storage
        self._events: deque[Event] = deque(self._plan(begun))

    def next_at(self) -> float | None:
        """When the next event is."""
        return self._events[0].at if self._events else None

    def pop(self) -> Event:
        """Takes it; objects are written when the service would write them."""
        event = self._events.popleft()
        if event.kind == "Training" and self._work.checkpoints is not None:
            for name, content in self._script.checkpoints.items():
                self._storage.put(f"{self._work.checkpoints}{name}", content)
        elif event.kind == "Uploading":
            content = small_archive(self._work.name) if self._script.model is None else self._script.model
            if content:
                self._storage.put(self._work.model, content)
        return event

    def stop(self, at: float, grace: float) -> None:
        """It goes on for the grace, then its upload follows."""
        self._cut(at + grace, None)

    def kill(self, at: float) -> None:
        """It ends now."""
        self._cut(at, 137)

    def vanish(self, at: float) -> None:
        """Nothing more happens."""
        self._events.clear()

    def _cut(self, at: float, code: int | None) -> None:
        """Ends the script at `at`, unless it ends before."""
        if any(event.kind == "Uploading" and event.at <= at for event in self._events) or not self._events:
            return
        kept = [event for event in self._events if event.at <= at and event.kind not in ("Uploading", "end")]
        self._events = deque([*kept, Event(at, "Uploading"), Event(at + self._script.uploading, "end", "", code)])

    def _plan(self, begun: float) -> list[Event]:
        script = self._script
        at = begun + script.starting
        events = [Event(at, "Downloading")]
        at += script.downloading
        events.append(Event(at, "Training"))
        events += [Event(at, "line", line) for line in script.lines]
        for value in rising(self._work.hyperparameters) if script.values is None else script.values:
            at += script.epoch
            events += [Event(at, "line", self._work.line(name, value)) for name in self._work.metrics]
        code = 0 if script.failure is None else 1
        at += script.epoch
        return [*events, Event(at, "Uploading"), Event(at + script.uploading, "end", script.failure or "", code)]
