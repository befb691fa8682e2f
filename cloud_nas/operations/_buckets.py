"""What a spec's sources name in the two clouds' buckets: what is there, and its content, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cloud_nas.errors import CloudNasError, UnreachableError
from local_engine.files import replacing

if TYPE_CHECKING:
    from cloud_nas.targets.sagemaker.client import Client
    from cloud_nas.targets.vertex.storage import Storage

_PIECE = 1 << 20


@dataclass(frozen=True)
class Stored:
    """Something in a bucket: its key, its size in bytes, and what changes with its content (`etag`, or the generation)."""

    key: str
    size: int
    etag: str


class Bucket(Protocol):
    """A bucket that is read."""

    def there(self, key: str) -> Iterator[Stored]:
        """The object of that key; of a key that ends with a slash, or of none, all objects below it."""

    def fetch(self, one: Stored, path: Path) -> None:
        """Writes an object to `path`, whole or not at all."""


@dataclass(frozen=True)
class S3:
    """A bucket at AWS; `region` None: of AWS's own configuration."""

    bucket: str
    region: str | None = None

    def there(self, key: str) -> Iterator[Stored]:
        """As `Bucket`."""
        if key and not key.endswith("/"):
            try:
                head = self._client.call("s3", "HeadObject", Bucket=self.bucket, Key=key)
            except CloudNasError as error:
                if getattr(error, "service_code", "") not in ("404", "NoSuchKey", "NotFound"):
                    raise
                return
            yield Stored(key, head["ContentLength"], head["ETag"])
            return
        for page in self._client.pages("s3", "ListObjectsV2", Bucket=self.bucket, Prefix=key):
            for one in page.get("Contents", ()):
                if not one["Key"].endswith("/"):
                    yield Stored(one["Key"], one["Size"], one["ETag"])

    def fetch(self, one: Stored, path: Path) -> None:
        """As `Bucket`."""
        from cloud_nas.targets.sagemaker.refusals import explained

        answer: dict[str, Any] = self._client.call("s3", "GetObject", Bucket=self.bucket, Key=one.key, IfMatch=one.etag)
        with replacing(path, mode=0o600) as file, explained("s3", "GetObject", self._client.region):
            for piece in iter(lambda: answer["Body"].read(_PIECE), b""):
                file.write(piece)
            if file.tell() != one.size:
                raise UnreachableError(f"s3://{self.bucket}/{one.key} came cut off", hint="try again")

    @cached_property
    def _client(self) -> Client:
        from cloud_nas.targets.sagemaker.client import Client

        return Client(self.region)


@dataclass(frozen=True)
class CloudStorage:
    """A bucket at Google; `project` None: of Google's own configuration."""

    bucket: str
    project: str | None = None

    def there(self, key: str) -> Iterator[Stored]:
        """As `Bucket`."""
        uri = f"gs://{self.bucket}/{key}"
        if key and not key.endswith("/"):
            one = self._storage.stat(uri)
            found = iter(() if one is None else (one,))
        else:
            found = self._storage.list(uri)
        for each in found:
            if not each.uri.endswith("/"):
                yield Stored(each.uri.removeprefix(f"gs://{self.bucket}/"), each.bytes, str(each.generation))

    def fetch(self, one: Stored, path: Path) -> None:
        """As `Bucket`."""
        from cloud_nas.targets.vertex.storage import Object

        self._storage.fetch(Object(f"gs://{self.bucket}/{one.key}", one.size, int(one.etag)), path)

    @cached_property
    def _storage(self) -> Storage:
        from cloud_nas.targets.vertex.storage import Storage

        return Storage({"project": self.project})
