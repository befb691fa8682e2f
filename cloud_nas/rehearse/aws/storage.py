"""Objects and logs of the stand-in's account, as moto keeps them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ACCOUNT = "123456789012"
TRUST = '{"Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
_CHUNK = 1 << 20


class Storage:
    """The account's buckets, roles and log groups; whatever was there before is forgotten."""

    def __init__(self) -> None:
        from moto.iam.models import iam_backends
        from moto.logs.models import logs_backends
        from moto.s3.models import s3_backends
        from moto.sts.models import sts_backends

        for backends in (iam_backends, logs_backends, s3_backends, sts_backends):
            backends.reset()
        self._s3: Any = s3_backends[ACCOUNT]["aws"]
        self._logs: Any = logs_backends[ACCOUNT]
        self._iam: Any = iam_backends[ACCOUNT]["aws"]

    def make_bucket(self, name: str, region: str) -> None:
        """A bucket in a region."""
        self._s3.create_bucket(name, region)

    def make_role(self, name: str, trust: str = TRUST) -> str:
        """A role that SageMaker may assume; gives its ARN."""
        arn: str = self._iam.create_role(name, trust, "/", None, "", [], None).arn
        return arn

    def has_role(self, arn: str) -> bool:
        """Whether there is such a role, and SageMaker may assume it."""
        roles = {role.arn: role for role in self._iam.get_roles()}
        return arn in roles and "sagemaker.amazonaws.com" in str(roles[arn].assume_role_policy_document)

    def region_of(self, bucket: str) -> str | None:
        """A bucket's region; None where there is none."""
        found = self._s3.buckets.get(bucket)
        return None if found is None else str(found.region_name)

    def put(self, uri: str, content: bytes) -> None:
        """An object, made or replaced."""
        bucket, key = _split(uri)
        self._s3.put_object(bucket, key, content)

    def get(self, uri: str) -> bytes:
        """An object's content.

        Raises:
            KeyError: there is none.
        """
        bucket, key = _split(uri)
        found = self._s3.get_object(bucket, key) if bucket in self._s3.buckets else None
        if found is None:
            raise KeyError(uri)
        return bytes(found.value)

    def remove(self, uri: str) -> None:
        """Deletes an object."""
        bucket, key = _split(uri)
        self._s3.delete_object(bucket, key)

    def keys(self, prefix: str) -> list[str]:
        """The URIs of all objects that begin with `prefix`, ascending; of siblings too where it has no slash at its end."""
        bucket, start = _split(prefix)
        if bucket not in self._s3.buckets:
            return []
        return [f"s3://{bucket}/{key}" for key in sorted(self._s3.buckets[bucket].keys) if key.startswith(start)]

    def download(self, prefix: str, folder: Path) -> int:
        """All objects below `prefix` as files; how many."""
        found = self.keys(prefix)
        for uri in found:
            name = uri.removeprefix(prefix).lstrip("/") or uri.rpartition("/")[2]
            if name and not uri.endswith("/"):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(self._read(uri))
        return len(found)

    def log(self, region: str, group: str, stream: str, lines: Iterable[tuple[float, str]]) -> None:
        """Appends lines, each with its time in seconds."""
        backend = self._logs[region]
        if group not in backend.groups:
            backend.create_log_group(group, {})
        backend.ensure_log_stream(group, stream)
        events = [{"timestamp": int(at * 1000), "message": text or " "} for at, text in lines]
        with contextlib.suppress(AttributeError):
            backend.groups[group].streams[stream].put_log_events(events)

    def _read(self, uri: str) -> Iterator[bytes]:
        bucket, key = _split(uri)
        content = memoryview(self._s3.get_object(bucket, key).value)
        for start in range(0, len(content), _CHUNK):
            yield bytes(content[start : start + _CHUNK])


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
