"""Ends a submission after any of its steps, as a kill would, for every cloud."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._job_name import new_name
from cloud_nas.operations.plan import planned
from cloud_nas.runs.registry import Registry
from local_engine import files


class Killed(BaseException):
    """The process ended here; nothing of ours catches it."""


class Steps:
    """Counts everything that a submission does to the world outside, and ends it after the step of a number."""

    def __init__(self, last: int | None = None) -> None:
        self.done: list[str] = []
        self._last = last

    def step(self, what: str) -> None:
        self.done.append(what)
        if len(self.done) == self._last:
            raise Killed(what)


@contextmanager
def counted(steps: Steps, *calls: tuple[Any, str, Callable[..., str]]) -> Iterator[None]:
    """Counts files and rows that are written, and calls to a cloud, each once it is done.

    Args:
        steps: what counts.
        calls: the class, its method, and what gives a call's name from its arguments.
    """

    def after(function: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            found = function(*given, **named)
            steps.step(name(*given, **named))
            return found

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, method, name in calls:
            patch.setattr(owner, method, after(getattr(owner, method), name))
        patch.setattr(Registry, "_write", after(Registry._write, lambda registry, statement, values: statement[:11]))
        for writes in ("write_bytes", "write_json"):
            written = after(getattr(files, writes), lambda path, *rest, **named: Path(path).name)
            patch.setattr(f"cloud_nas.operations._submit_remote.{writes}", written)
        yield


def spread(points: int, most: int | None) -> list[int]:
    """So many of the points at most, from the first to the last."""
    if most is None or points <= most:
        return list(range(1, points + 1))
    return [1 + number * (points - 1) // (most - 1) for number in range(most)]


def renamed(made: cn.PlanResult) -> cn.PlanResult:
    """The plan as a new process would make it: under a name of its own, which counts only where no run is there yet."""
    assert made.prepared is not None
    prepared = dataclasses.replace(made.prepared, job=dataclasses.replace(made.prepared.job, name=new_name()))
    return dataclasses.replace(made, plan=planned(prepared, made.target), prepared=prepared)


ROOT = Path(cn.__file__).resolve().parents[1]
COMMAND = "import cloud_nas as cn; print(cn.submit('plan.json').id)"


def submitting(folder: Path, output: Path) -> subprocess.Popen[bytes]:
    """A process that submits `plan.json`, at the head of a group of its own."""
    command, here = [sys.executable, "-c", COMMAND], {**os.environ, "PYTHONPATH": str(ROOT)}
    with output.open("wb") as said:
        return subprocess.Popen(command, cwd=folder, env=here, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)


def kill_after(process: subprocess.Popen[bytes], asked: Callable[[], int], requests: int) -> None:
    """Kills the process and all that it started, when a cloud has been asked so many times since now.

    Args:
        process: at the head of a group of its own.
        asked: how often the cloud has been asked.
        requests: how often it may be.
    """
    before = asked()

    def watch() -> None:
        while process.poll() is None and asked() - before < requests:
            threading.Event().wait(0.0005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    watching = threading.Thread(target=watch)
    watching.start()
    process.wait(timeout=120)
    watching.join()
