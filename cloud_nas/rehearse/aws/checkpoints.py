"""Checkpoints between a container's folder and the bucket: down before it starts, up whenever a file has changed."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.rehearse.aws.opt_ml import PLACE, local
from cloud_nas.rehearse.aws.storage import Storage
from cloud_nas.rehearse.aws.work import Work


class Checkpoints:
    """One container's. Without a CheckpointConfig nothing is kept.

    As with the service, all that lies below the URI comes down, whoever wrote it, and what a container deletes is deleted in the
    bucket.
    """

    def __init__(self, base: Path, work: Work, storage: Storage) -> None:
        config = work.request.get("CheckpointConfig", {})
        self._folder = local(config.get("LocalPath", f"{PLACE}/checkpoints"), base)
        self._uri, self._storage = work.checkpoints, storage
        self._seen: dict[str, tuple[int, int]] = {}

    def restore(self) -> None:
        """Brings down what is there."""
        if self._uri is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._storage.download(self._uri, self._folder)
            self._seen = self._now()

    def save(self) -> None:
        """Sends up what has changed since the last time, in no order that a writer could rely on."""
        if self._uri is None or not self._folder.is_dir():
            return
        now = self._now()
        for name, state in now.items():
            if self._seen.get(name) != state:
                try:
                    content = (self._folder / name).read_bytes()
                except OSError:
                    continue
                self._storage.put(f"{self._uri}{name}", content)
        for name in set(self._seen) - set(now):
            self._storage.remove(f"{self._uri}{name}")
        self._seen = now

    def _now(self) -> dict[str, tuple[int, int]]:
        found = {}
        for path in sorted(self._folder.rglob("*")):
            try:
                if path.is_file():
                    told = path.stat()
                    found[path.relative_to(self._folder).as_posix()] = (told.st_mtime_ns, told.st_size)
            except OSError:
                continue
        return found
