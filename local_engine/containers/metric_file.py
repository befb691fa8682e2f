"""What Vertex AI's tuner reads of a trial: a file of JSON lines, as Google's `cloudml-hypertune` writes it."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from local_engine.definition import Objective

LONGEST = 100
"""Lines that the file has at most: the last ones."""

_DEFAULT = "/tmp/hypertune/output.metrics"


def tag_of(metric: str) -> str:
    """What a metric of the spec is called in the file and in the request."""
    return f"val_{metric}"


class MetricFile:
    """Writes the objective of each epoch once, as it is; nothing where it is no number.

    A container that is started again on another machine finds no file; the epochs that were trained before are written then, so
    that the file tells of all of them.

    Args:
        objective: its metric.
        earlier: the epochs trained before this start: number, from 1, and value (None: not a number).
        path: of the file.
        trial: what the service calls the trial.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        objective: Objective,
        earlier: Iterable[tuple[int, float | None]] = (),
        *,
        path: Path | None = None,
        trial: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tag = tag_of(objective.metric)
        self._path = path if path is not None else Path(os.environ.get("CLOUD_ML_HP_METRIC_FILE") or _DEFAULT)
        self._trial = trial if trial is not None else os.environ.get("CLOUD_ML_TRIAL_ID") or "0"
        self._clock = clock
        self._lines: deque[str] = deque(_lines_of(self._path), maxlen=LONGEST)
        self._told = {step for line in self._lines if (step := _step_of(line)) is not None}
        if sum([self._add(number, value) for number, value in earlier]):
            self._write()

    def epoch(self, number: int, value: float | None) -> None:
        """An epoch ended."""
        if self._add(number, value):
            self._write()

    def _add(self, number: int, value: float | None) -> bool:
        if number in self._told or value is None:
            return False
        self._told.add(number)
        row = {
            "timestamp": self._clock(),
            "trial": self._trial,
            self._tag: str(float(value)),
            "global_step": str(number),
            "checkpoint_path": "",
        }
        self._lines.append(json.dumps(row, sort_keys=True))
        return True

    def _write(self) -> None:
        """In place and in one write: the service may hold on to the file, and has given its place."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("".join(f"{line}\n" for line in self._lines))


def _lines_of(path: Path) -> list[str]:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return [line for line in path.read_text().splitlines() if _step_of(line) is not None]
    return []


def _step_of(line: str) -> int | None:
    """The epoch that a line tells of; None where it was torn."""
    try:
        return int(json.loads(line)["global_step"])
    except (ValueError, KeyError, TypeError):
        return None
