"""A machine that really runs a training job's container, without Docker: AWS's own toolkit under the contract of `/opt/ml`.

The container gets a base folder of its own (the toolkit's `SAGEMAKER_BASE_DIR`), its channels as files, its hyperparameters as
the service writes them, and an environment without credentials. It is never warned before it is killed: in AWS's images the
script is below a shell, and no signal reaches it.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections import deque
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread

from cloud_nas.rehearse.aws.checkpoints import Checkpoints
from cloud_nas.rehearse.aws.image import command, environment
from cloud_nas.rehearse.aws.opt_ml import lay_out, packed
from cloud_nas.rehearse.aws.storage import Storage
from cloud_nas.rehearse.aws.work import Work
from cloud_nas.rehearse.aws.worker import Event
from cloud_nas.rehearse.clock import Clock
from cloud_nas.rehearse.family import kill_all

_SYNC = 0.5
"""Seconds between two looks at the checkpoints."""


class Container:
    """Runs in a thread from when it is made."""

    def __init__(self, work: Work, folder: Path, storage: Storage, clock: Clock) -> None:
        self._work, self._storage, self._clock = work, storage, clock
        self._folder = folder / f"{work.name}-{work.attempt}"
        self._base = self._folder / "opt" / "ml"
        self._events: deque[Event] = deque()
        self._lock = Lock()
        self._gone = Flag()
        self._process: subprocess.Popen[str] | None = None
        self._killed = False
        self._thread = Thread(target=self._live, daemon=True)
        self._thread.start()

    def next_at(self) -> float | None:
        """When the first event that nobody took was."""
        with self._lock:
            return self._events[0].at if self._events else None

    def pop(self) -> Event:
        """Takes it."""
        with self._lock:
            return self._events.popleft()

    def stop(self, at: float, grace: float) -> None:
        """The script sees nothing, and is killed after the grace."""
        Thread(target=self._kill_later, args=(grace,), daemon=True).start()

    def kill(self, at: float) -> None:
        """Its processes die at once."""
        self._kill()

    def vanish(self, at: float) -> None:
        """The machine is gone, with all that was not in the bucket."""
        self._gone.set()
        self._kill()
        with self._lock:
            self._events.clear()
        self._thread.join(timeout=10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _live(self) -> None:
        base = self._base
        try:
            self._tell("Downloading")
            failure = lay_out(self._work, base, self._storage)
            if failure is not None:
                self._tell("end", failure, 1)
                return
            checkpoints = Checkpoints(base, self._work, self._storage)
            checkpoints.restore()
            self._tell("Training")
            code = self._run(base, checkpoints)
            if self._gone.is_set():
                return
            self._tell("Uploading")
            checkpoints.save()
            self._upload(base)
            told = base / "output" / "failure"
            text = told.read_text(errors="replace") if told.is_file() else ""
            self._tell("end", text or ("OutOfMemory: Process killed by SIGKILL" if code == 137 else ""), code)
        except Exception as error:  # noqa: BLE001 - a defect of the stand-in ends the job, so that nobody waits for it
            self._tell("end", f"InternalServerError: the stand-in failed: {error!r}", 1)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, base: Path, checkpoints: Checkpoints) -> int:
        """Runs the toolkit to its end; gives its exit status."""
        if self._gone.is_set():
            return 137
        self._process = subprocess.Popen(
            command(),
            cwd=base.parent.parent,
            env=environment(self._work, base),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        saving = Thread(target=self._save_now_and_then, args=(self._process, checkpoints), daemon=True)
        saving.start()
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._tell("line", line.rstrip("\n"))
        code = self._process.wait()
        self._kill()  # what the script left running goes with the container
        saving.join()
        return 137 if self._killed else code

    def _save_now_and_then(self, process: subprocess.Popen[str], checkpoints: Checkpoints) -> None:
        while process.poll() is None:
            if self._gone.wait(_SYNC):
                return
            checkpoints.save()

    def _upload(self, base: Path) -> None:
        model = packed(base / "model")
        if model:
            self._storage.put(self._work.model, model)
        output = packed(base / "output" / "data")
        if output:
            self._storage.put(f"{self._work.output}output.tar.gz", output)

    def _kill_later(self, grace: float) -> None:
        ends = time.monotonic() + grace
        while time.monotonic() < ends and self._thread.is_alive():
            time.sleep(0.05)
        self._kill()

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            self._killed = self._killed or process.poll() is None
            kill_all(process.pid, "SAGEMAKER_BASE_DIR", str(self._base))

    def _tell(self, kind: str, text: str = "", code: int | None = 0) -> None:
        with self._lock:
            if not self._gone.is_set():
                self._events.append(Event(self._clock.now(), kind, text, code))  # type: ignore[arg-type]
