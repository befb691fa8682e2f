"""The account's objects, in memory: content, metadata and the generation that changes with each of them."""

from __future__ import annotations

import base64
import hashlib
import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_nas.rehearse.clock import Clock, moment
from cloud_nas.rehearse.gcp.answers import Refused


@dataclass(frozen=True)
class Kept:
    """An object: its content, and what is told of it."""

    content: bytes
    resource: Mapping[str, Any]

    @property
    def generation(self) -> int:
        """Which one it is of all that had its name."""
        return int(self.resource["generation"])


class Objects:
    """Objects by bucket and name.

    Args:
        clock: the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers = itertools.count(1_700_000_000_000_000)
        self.buckets: dict[str, str] = {}
        self._kept: dict[str, dict[str, Kept]] = {}

    def make_bucket(self, name: str, location: str) -> None:
        """A bucket in one region."""
        self.buckets[name] = location
        self._kept[name] = {}

    def put(self, uri: str, content: bytes, told: Mapping[str, Any] | None = None, only_if: int | None = None) -> Kept:
        """Makes an object, whole.

        Args:
            uri: `gs://bucket/name`.
            content: all of it.
            told: what the caller says of it: metadata, content type.
            only_if: the generation that has to be there; 0: none has; None: whichever.

        Raises:
            Refused: 412 where another is there, 404 where there is no such bucket.
        """
        bucket, name = _split(uri)
        with self._lock:
            there = self._of(bucket).get(name)
            if only_if is not None and only_if != (0 if there is None else there.generation):
                raise Refused(412, "At least one of the pre-conditions you specified did not hold.")
            now = moment(self._clock.now()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            resource = {
                **(told or {}),
                "kind": "storage#object",
                "id": f"{bucket}/{name}/1",
                "name": name,
                "bucket": bucket,
                "generation": str(next(self._numbers)),
                "metageneration": "1",
                "size": str(len(content)),
                "timeCreated": now,
                "updated": now,
                "md5Hash": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
                "crc32c": _crc32c(content),
                "storageClass": "STANDARD",
                "etag": "e",
            }
            kept = self._kept[bucket][name] = Kept(content, resource)
            return kept

    def find(self, uri: str) -> Kept:
        """An object.

        Raises:
            Refused: 404.
        """
        bucket, name = _split(uri)
        with self._lock:
            found = self._of(bucket).get(name)
        if found is None:
            raise Refused(404, f"No such object: {bucket}/{name}")
        return found

    def get(self, uri: str) -> bytes:
        """Its content; raises as `find`."""
        return self.find(uri).content

    def remove(self, uri: str) -> None:
        """Deletes it; raises as `find`."""
        bucket, name = _split(uri)
        with self._lock:
            self.find(uri)
            del self._kept[bucket][name]

    def keys(self, uri: str) -> list[str]:
        """The URIs of all objects whose names begin so, ascending; none where there is no such bucket."""
        bucket, prefix = _split(uri)
        with self._lock:
            return [f"gs://{bucket}/{name}" for name in sorted(self._kept.get(bucket, {})) if name.startswith(prefix)]

    def _of(self, bucket: str) -> dict[str, Kept]:
        if bucket not in self._kept:
            raise Refused(404, "The specified bucket does not exist.")
        return self._kept[bucket]


def _split(uri: str) -> tuple[str, str]:
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name


def _crc32c(content: bytes) -> str:
    import google_crc32c

    return base64.b64encode(google_crc32c.Checksum(content).digest()).decode()  # type: ignore[no-untyped-call]
