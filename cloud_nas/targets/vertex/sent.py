"""What was asked of Google for a job, noted here before the asking: lists may lag behind, and an answer may have got lost.

A file a step and attempt, in the run's folder. A step that is noted may have been done; one that is not was never asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cloud_nas.home import run_folder
from cloud_nas.targets.job import JobName
from local_engine.files import read_json, write_json

FOLDER = "sent"
"""In a run's folder."""

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each look at a list that may lag behind."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Sent:
    """The notes of one attempt."""

    name: JobName

    def about(self, step: str) -> dict[str, Any] | None:
        """What was noted of a step; None: it was never asked for from this machine."""
        try:
            found = read_json(self._path(step))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("nonce") == self.name.nonce else None

    def note(self, step: str, **told: Any) -> None:
        """Notes that a step is asked for now, or what came of it."""
        path = self._path(step)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(path, {"nonce": self.name.nonce, **told}, mode=0o600)

    def forget(self, step: str) -> None:
        """Takes the note away: what was asked for is undone."""
        self._path(step).unlink(missing_ok=True)

    def _path(self, step: str) -> Path:
        return run_folder(self.name.run_id) / FOLDER / f"{self.name.attempt}-{step}.json"


def looked_for(look: Callable[[], Found | None], *, sleep: Callable[[float], None] = time.sleep) -> Found | None:
    """What a look finds, tried again with pauses while it finds nothing."""
    for pause in PAUSES:
        if pause:
            sleep(pause)
        found = look()
        if found is not None:
            return found
    return None
