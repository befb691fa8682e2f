"""What a container of Vertex AI brings back when it is started again, and sends away while it works: whole objects, each at once.

Another start of the same container may still be running, or have ended the job before. So every object is written only as long as
it is the one that was seen last; and a job that has ended is left as it is. While the job works, a storage that does not answer
is no reason to give up: what could not be sent is sent with what comes next, and in the end.
"""

from __future__ import annotations

import signal
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from local_engine import files
from local_engine.containers import bootstrap
from local_engine.containers.account import NAME as PROGRESS
from local_engine.containers.base import Base
from local_engine.containers.clock import NAME as WORKED
from local_engine.containers.doing import say
from local_engine.containers.gcs import Storage
from local_engine.containers.metric_file import MetricFile
from local_engine.containers.platform import Platform, Report
from local_engine.containers.vertex_places import MODEL, OUTPUT, PUBLISHED, Places
from local_engine.definition import Objective
from local_engine.search.loop import STUDY
from local_engine.training.manifest import NAME as MANIFEST

ENDED = "ended.json"
"""In the state: the job has ended, and its model is the final one."""

ASKED = "the service wants the job to end"


class Vertex(Platform):
    """The container of one trial, or of a whole search.

    Args:
        base: the folders on the machine's own disk, of this start alone.
        places: where everything is in the bucket.
        sent: what the tuner sent, as text by name.
        storage: what reads and writes the bucket.
    """

    def __init__(self, base: Base, places: Places, sent: Mapping[str, str], storage: Storage) -> None:
        super().__init__(base)
        self._places = places
        self._sent = dict(sent)
        self._storage = storage
        self._generations: dict[str, int | None] = {}
        self._copied: dict[str, tuple[int, int]] = {}
        self._published: dict[str, Any] | None = None
        self._behind = self._asked = False

    def listen(self) -> None:
        """From now on takes SIGTERM for the wish to end."""

        def ask(number: int, frame: object) -> None:
            self._asked = True

        signal.signal(signal.SIGTERM, ask)

    def bring_back(self) -> bool:
        """Fills the checkpoints from what an earlier start left; whether the job has ended, so that nothing is left to do."""
        for uri in (self._places.state, self._places.model + MODEL):
            self._generations[uri] = self._storage.generation(uri)
        folder = self.base.checkpoints if self._places.study is None else self.base.staging
        if self._take_state(folder):
            return True
        try:
            path = self.base.root / PUBLISHED
            self._storage.fetch_fresh(self._places.checkpoints + PUBLISHED, path)
            self._published = files.read_json(path)
        except (FileNotFoundError, ValueError):
            self._published = None
        if self._places.study is not None:
            self._take_study(self._places.study)
        return False

    def sent(self) -> dict[str, str]:
        """The arguments."""
        return self._sent

    def report(self, objective: Objective, earlier: Iterable[tuple[int, float | None]]) -> Report:
        """The file that the tuner reads."""
        return MetricFile(objective, earlier)

    def placed(self) -> None:
        """Sends the model, unless an earlier start has sent one that is further; the final one goes with `finish`."""
        about = files.read_json(self.base.model / MANIFEST)
        now = {"epochs": about["epochs"], "fit": about.get("fit"), "params": about["params"]}
        self._behind = self._is_behind(now) or not _sent("the model", lambda: self._send_model(now))

    def kept(self) -> None:
        """Sends what is needed to go on."""
        _sent("what is needed to go on", self._send_kept)

    def stop(self) -> str | None:
        """Once the service has sent its signal."""
        return ASKED if self._asked else None

    def finish(self) -> None:
        """Sends what is final, and that it is.

        Raises:
            OSError: the storage does not take it.
        """
        if self._behind:
            self._send_model({})
        if self._places.study is not None:
            self._send_study(self._places.study)
        self.send_output()
        self.base.checkpoints.mkdir(parents=True, exist_ok=True)
        files.write_json(self.base.checkpoints / ENDED, {"model": self._places.model + MODEL})
        self._send_state()
        self._storage.remove(self._places.failure)

    def send_output(self) -> None:
        """Sends what a search leaves beside its model."""
        if self.base.output.is_dir():
            self._put(self._packed(self.base.output), self._places.model + OUTPUT)

    def _is_behind(self, now: Mapping[str, Any]) -> bool:
        """Whether the model that lies there is one of a later epoch of the same candidate."""
        there = self._published
        if there is None or self._places.study is not None:
            return False
        return bool(there.get("params") == now["params"] and there.get("epochs", 0) > now["epochs"])

    def _send_model(self, about: Mapping[str, Any]) -> None:
        self._put(self._packed(self.base.model), self._places.model + MODEL)
        self._published = dict(about)
        path = self.base.root / PUBLISHED
        files.write_json(path, self._published)
        self._storage.put(self._places.checkpoints + PUBLISHED, path)

    def _send_kept(self) -> None:
        if self._places.study is None:
            self._send_state()
        else:
            self._send_study(self._places.study)

    def _send_state(self) -> None:
        self._put(self._packed(self.base.checkpoints, compressed=False), self._places.state)

    def _take_state(self, folder: Path) -> bool:
        """Unpacks the state into `folder`; whether it says that the job has ended."""
        archive = self.base.root / "state.tar"
        try:
            self._storage.fetch_fresh(self._places.state, archive)
            bootstrap.unpack(archive, folder)
        except (FileNotFoundError, tarfile.TarError):
            return False
        return (folder / ENDED).exists()

    def _take_study(self, study: str) -> None:
        copies = self.base.checkpoints.parent
        for name in self._storage.names(study):
            self._storage.fetch_fresh(study + name, copies / name)
            self._copied[name] = _about(copies / name)
        try:
            self._storage.fetch_fresh(self._places.checkpoints + WORKED, copies / WORKED)
        except FileNotFoundError:
            (copies / WORKED).unlink(missing_ok=True)

    def _send_study(self, study: str) -> None:
        """Sends what has changed: files of trials, then the study that speaks of them, what is told of it last; then removes."""
        copies = self.base.checkpoints.parent
        paths = (path for path in copies.rglob("*") if path.is_file() and not path.name.startswith("."))
        found = {path.relative_to(copies).as_posix(): path for path in paths}
        for name in sorted(found, key=lambda name: (name == PROGRESS, name == STUDY, name)):
            about = _about(found[name])
            if self._copied.get(name) != about:
                self._storage.put((self._places.checkpoints if name == WORKED else study) + name, found[name])
                self._copied[name] = about
        for name in set(self._copied) - set(found):
            self._storage.remove(study + name)
            del self._copied[name]

    def _packed(self, folder: Path, *, compressed: bool = True) -> Path:
        """The files of a folder in one, beside it."""
        path = self.base.root / ".sending"
        with tarfile.open(path, "w:gz", compresslevel=1) if compressed else tarfile.open(path, "w") as archive:
            for one in sorted(folder.rglob("*")):
                if one.is_file() and not one.name.startswith("."):
                    archive.add(one, one.relative_to(folder).as_posix())
        return path

    def _put(self, source: Path, uri: str) -> None:
        try:
            self._generations[uri] = self._storage.put(uri, source, generation=self._generations.get(uri))
        except FileExistsError:
            if self._take_state(self.base.root / ".theirs"):
                raise Superseded from None
            self._generations[uri] = self._storage.put(uri, source)


class Superseded(BaseException):
    """Another start of this container has ended the job. No `Exception`: a training takes those for faults of the model."""


def _sent(what: str, send: Callable[[], None]) -> bool:
    """Whether it could be sent; if not, why is in the log."""
    try:
        send()
    except OSError as error:
        say(f"{what} could not be sent to the bucket, and will be later: {error}")
        return False
    return True


def _about(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size
