"""A container in which nothing runs: what happens in it is a script, at times of the stand-in's clock."""

from __future__ import annotations

from cloud_nas.rehearse.gcp.objects import Objects
from cloud_nas.rehearse.gcp.runs import Work
from cloud_nas.rehearse.script import Script, rising, small_archive


class Simulated:
    """Nothing is run: a script says what happens when."""

    def __init__(self, work: Work, script: Script, objects: Objects, begun: float) -> None:
        self._work, self._script, self._objects = work, script, objects
        self.began: float | None = None
        self.ended: tuple[float, int] | None = None
        self._start = begun + script.starting
        self._values = rising(work.values) if script.values is None else script.values
        self._end = self._start + script.downloading + script.epoch * (len(self._values) + 1) + script.uploading
        self._stopped: float | None = None
        self._told = 0

    def look(self, now: float) -> None:
        """By the time that it is."""
        if self.began is None and now >= self._start:
            self.began = self._start
            for name, content in self._script.checkpoints.items():
                self._objects.put(f"{self._work.environment['CLOUD_NAS_STUDY']}{name}", content)
        until = self._end if self._stopped is None else min(self._end, self._stopped)
        if self.ended is None and now >= until:
            failed = self._script.failure is not None
            if self._work.base is not None and self._stopped is None:
                self._leave(failed)
            self.ended = until, 1 if failed else 0 if self._stopped is None else 143

    def _leave(self, failed: bool) -> None:
        if failed:
            self._objects.put(f"{self._work.base}failure.txt", f"{self._script.failure}\n".encode())
            return
        content = small_archive(self._work.name) if self._script.model is None else self._script.model
        if content:
            self._objects.put(f"{self._work.base}model/model.tar.gz", content)

    def measured(self, now: float) -> list[tuple[float, int, float]]:
        """The script's values, one an epoch."""
        until = now if self._stopped is None else min(now, self._stopped)
        first = self._start + self._script.downloading
        times = [(first + self._script.epoch * (step + 1), step + 1, value) for step, value in enumerate(self._values)]
        return [one for one in times if one[0] <= until]

    def lines(self) -> list[tuple[float, str]]:
        """The script's, once it has begun."""
        if self.began is None or self._told:
            return []
        self._told = 1
        return [(self.began, line) for line in self._script.lines]

    def stop(self, now: float) -> None:
        """It ends at once."""
        self._stopped = now if self._stopped is None else self._stopped

    def vanish(self) -> None:
        """It ends, and leaves nothing."""
        self._stopped = 0.0
