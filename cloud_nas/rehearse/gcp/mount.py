"""Buckets as folders below `/gcs/`, as a container may find them: what it is to read is there from the beginning."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cloud_nas.rehearse.gcp.objects import Objects


class Mount:
    """A folder that shows objects, and whose new files become objects when the container has ended.

    Args:
        folder: made; each bucket is a folder in it.
        objects: the account's.
    """

    def __init__(self, folder: Path, objects: Objects) -> None:
        self.folder, self._objects = folder, objects
        self._shown: set[Path] = set()

    def show(self, uris: Iterable[str]) -> None:
        """Puts the objects there whose URIs begin so; their buckets are there even if they have none."""
        for uri in uris:
            (self.folder / uri.removeprefix("gs://").partition("/")[0]).mkdir(parents=True, exist_ok=True)
            for key in self._objects.keys(uri):
                path = self.folder / key.removeprefix("gs://")
                if not key.endswith("/"):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(self._objects.get(key))
                    self._shown.add(path)

    def collect(self) -> None:
        """Makes objects of the files that were not shown."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path not in self._shown:
                self._objects.put(f"gs://{path.relative_to(self.folder).as_posix()}", path.read_bytes())
