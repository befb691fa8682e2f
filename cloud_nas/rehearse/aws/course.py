"""What happens in an Autopilot job, one thing after another: as a script says, or as a plain model is really trained."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Protocol

from cloud_nas.rehearse.aws.candidate import Candidate, model_url
from cloud_nas.rehearse.aws.storage import Storage
from cloud_nas.rehearse.clock import Clock
from cloud_nas.rehearse.script import small_archive

BEFORE = ("AnalyzingData", "FeatureEngineering", "ModelTuning")
AFTER = ("GeneratingModelInsightsReport",)
_ENSEMBLE = 10
"""As many candidates as ensembling makes where nothing says how many."""
_STAGE, _CANDIDATE = 60.0, 120.0


@dataclass(frozen=True)
class Stage:
    """A secondary status begins; `Completed` is the end, and so is a failure."""

    name: str
    failure: str | None = None


class Course(Protocol):
    """Stages and candidates in the order of their times."""

    def next_at(self) -> float | None:
        """When the next is, or was."""

    def pop(self) -> Stage | Candidate:
        """Takes it."""

    def end(self) -> None:
        """Nothing more comes."""


class Scripted:
    """Candidates whose values follow from the job's name; nothing is trained."""

    def __init__(self, name: str, request: Mapping[str, Any], storage: Storage, at: float) -> None:
        self._events: deque[tuple[float, Stage | Candidate]] = deque()
        for stage in BEFORE:
            at += _STAGE
            self._events.append((at, Stage(stage)))
        for number in range(how_many(request)):
            called = f"{name}-trial-t{number + 1}-1"
            url = model_url(request["OutputDataConfig"]["S3OutputPath"], name, called)
            value = int(hashlib.sha256(called.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
            metric = request.get("AutoMLJobObjective", {}).get("MetricName", "Accuracy")
            candidate = Candidate(called, value, at, at + _CANDIDATE, url, {metric: value})
            at += _CANDIDATE
            self._events.append((at, candidate))
        self._storage = storage
        for stage in (*AFTER, "Completed"):
            at += _STAGE
            self._events.append((at, Stage(stage)))

    def next_at(self) -> float | None:
        """When the next is."""
        return self._events[0][0] if self._events else None

    def pop(self) -> Stage | Candidate:
        """Takes it; a candidate's archive is written."""
        found = self._events.popleft()[1]
        if isinstance(found, Candidate):
            self._storage.put(found.model_url, small_archive(found.name))
        return found

    def end(self) -> None:
        """Nothing more comes."""
        self._events.clear()


class Trained:
    """Plain models are trained on the rows that were sent, in a thread."""

    def __init__(self, clock: Clock, learn: Callable[[Callable[[Stage | Candidate], bool]], None]) -> None:
        self._clock, self._lock, self._over = clock, Lock(), False
        self._events: deque[tuple[float, Stage | Candidate]] = deque()
        self._thread = Thread(target=self._live, args=(learn,), daemon=True)
        self._thread.start()

    def next_at(self) -> float | None:
        """When the first that nobody took was."""
        with self._lock:
            return self._events[0][0] if self._events else None

    def pop(self) -> Stage | Candidate:
        """Takes it."""
        with self._lock:
            return self._events.popleft()[1]

    def end(self) -> None:
        """Nothing more comes; what is being trained is dropped when it is done."""
        with self._lock:
            self._over = True
            self._events.clear()

    def _tell(self, event: Stage | Candidate) -> bool:
        """Whether anybody still listens."""
        with self._lock:
            if not self._over:
                self._events.append((self._clock.now(), event))
            return not self._over

    def _live(self, learn: Callable[[Callable[[Stage | Candidate], bool]], None]) -> None:
        try:
            learn(self._tell)
        except ValueError as error:
            self._tell(Stage("Failed", f"ClientError: {error}"[:1024]))
        except Exception as error:  # noqa: BLE001 - a defect of the stand-in ends the job, so that nobody waits for it
            self._tell(Stage("Failed", f"InternalServerError: the stand-in failed: {error!r}"[:1024]))


def how_many(request: Mapping[str, Any]) -> int:
    """How many candidates there will be."""
    (problem,) = request["AutoMLProblemTypeConfig"].values()
    return int(problem.get("CompletionCriteria", {}).get("MaxCandidates", _ENSEMBLE))
