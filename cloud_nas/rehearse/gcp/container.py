"""A machine that really runs a job's container, without Docker: this Python in place of the image, under the service's contract.

The container has the service's variables, an environment without credentials and a disk of its own; `guard` holds back the
`local_engine` and `cloud_nas` that are installed here, so that only what was uploaded can be imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from cloud_nas.rehearse.clock import Clock
from cloud_nas.rehearse.family import kill_all
from cloud_nas.rehearse.gcp.mount import Mount
from cloud_nas.rehearse.gcp.objects import Objects
from cloud_nas.rehearse.gcp.runs import Work

GRACE = 2.0
"""Seconds between the signal that ends a container and its end."""

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "TF_ENABLE_ONEDNN_OPTS", "SYSTEMROOT")
_GUARD = Path(__file__).parents[1] / "guard"
_INSIDE = "CLOUD_NAS_GUARD"
"""The variable with the container's own disk, which all of its processes have."""

_READ = ("CLOUD_NAS_CODE", "CLOUD_NAS_ROWS", "CLOUD_NAS_WHEELS")
_NOT_FOUND = 127


class Container:
    """Runs from when it is made.

    Args:
        work: what to run.
        folder: the container's own disk.
        objects: the account's.
        emulator: where its storage and its metadata server answer.
        clock: the time.
        mounted: whether the buckets are below `/gcs/`; the service has been seen without them.
    """

    def __init__(self, work: Work, folder: Path, objects: Objects, emulator: str, clock: Clock, *, mounted: bool = False) -> None:
        self._work, self._folder, self._emulator, self._clock = work, folder, emulator, clock
        self.began: float | None = None
        self.ended: tuple[float, int] | None = None
        self._lines: list[tuple[float, str]] = []
        self._measured: list[tuple[float, int, float]] = []
        self._lock = Lock()
        folder.mkdir(parents=True)
        self._mount = Mount(folder / "gcs", objects) if mounted else None
        if self._mount is not None:
            self._mount.show(work.environment[name] for name in _READ if name in work.environment)
        self._process: subprocess.Popen[str] | None = None
        self.began = clock.now()
        try:
            self._process = self._started()
        except OSError as error:
            self._lines.append((self.began, str(error)))
            self.ended = self.began, _NOT_FOUND
            return
        self._thread = Thread(target=self._live, args=(self._process,), daemon=True)
        self._thread.start()

    def look(self, now: float) -> None:
        """Reads what the program has reported."""
        self._read_metrics()

    def measured(self, now: float) -> list[tuple[float, int, float]]:
        """What stood in the file of metrics."""
        with self._lock:
            return list(self._measured)

    def lines(self) -> list[tuple[float, str]]:
        """What was printed since the last time."""
        with self._lock:
            found, self._lines = self._lines, []
            return found

    def stop(self, now: float) -> None:
        """SIGTERM, and SIGKILL after the grace."""
        process = self._process
        if process is None:
            return

        def end() -> None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGTERM)
            until = time.monotonic() + GRACE
            while time.monotonic() < until and process.poll() is None:
                time.sleep(0.05)
            self._kill(process)

        Thread(target=end, daemon=True).start()

    def vanish(self) -> None:
        """The machine is gone at once, with all that was not in the bucket."""
        if self._process is not None:
            self._kill(self._process)
            self._thread.join(timeout=10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable if one in ("python3", "python") else one for one in self._work.command]
        return subprocess.Popen(
            [*command, *self._work.arguments],
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _live(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                with self._lock:
                    self._lines.append((self._clock.now(), line.rstrip("\n")))
        code = process.wait()
        self._kill(process)  # what the program left running goes with the container
        self._read_metrics()
        if self._mount is not None:
            self._mount.collect()
        shutil.rmtree(self._folder, ignore_errors=True)
        self.ended = self._clock.now(), code if code >= 0 else 128 - code

    def _read_metrics(self) -> None:
        try:
            lines = (self._folder / "output.metrics").read_text().splitlines()
        except OSError:
            return
        found = []
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                told: dict[str, Any] = json.loads(line)
                found.append((float(told["timestamp"]), int(told["global_step"]), float(told[str(self._work.metric)])))
        with self._lock:
            known = {step for _, step, _ in self._measured}
            self._measured += [one for one in found if one[1] not in known]

    def _environment(self) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        home = str(self._folder)
        return {
            **passed_on,
            "HOME": home,
            "TMPDIR": home,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(_GUARD),
            _INSIDE: home,
            "STORAGE_EMULATOR_HOST": self._emulator,
            "GCE_METADATA_HOST": self._emulator.removeprefix("http://"),
            "CLOUD_ML_HP_METRIC_FILE": str(self._folder / "output.metrics"),
            **({} if self._mount is None else {"CLOUD_NAS_GCS_ROOT": str(self._mount.folder)}),
            **self._work.environment,
        }

    def _kill(self, process: subprocess.Popen[str]) -> None:
        kill_all(process.pid, _INSIDE, str(self._folder))
