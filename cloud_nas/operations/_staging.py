"""Sources in a bucket, copied once to this machine: what has changed there since is fetched again, the rest is taken as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import CloudNasError, CredentialsError, NotFoundError, RefusedError, UnreachableError
from cloud_nas.package.cache import folder_of, key_of
from cloud_nas.spec.paths import BUCKET
from local_engine.definition import Definition
from local_engine.events import Note
from local_engine.files import read_json, replacing, write_json

if TYPE_CHECKING:
    from cloud_nas.targets.sagemaker.client import Client

KIND = "staged"
"""Its folder in the cache."""

_SCHEMA = 1
_PIECE = 1 << 20
_AT_ONCE = 8


def staged(definition: Definition, *, region: str | None = None, note: Callable[[Note], None] = lambda note: None) -> Definition:
    """The definition with sources of `s3://` replaced by their copies here; as it is, where it names none.

    Args:
        definition: what is searched.
        region: of the bucket; None: of AWS's own configuration.
        note: told where the bucket was not asked and an older copy is taken.

    Raises:
        NotFoundError: there is nothing of that name.
        CredentialsError, UnreachableError: the bucket cannot be read, and there is no copy here.
    """
    data, split = definition.data, definition.data.split
    test = stage(split.test, region=region, note=note) if isinstance(split.test, str) else split.test
    source = stage(data.source, region=region, note=note)
    if (source, test) == (data.source, split.test):
        return definition
    data = dataclasses.replace(data, source=source, split=dataclasses.replace(split, test=test))
    return dataclasses.replace(definition, data=data)


def stage(uri: str, *, region: str | None = None, note: Callable[[Note], None] = lambda note: None) -> str:
    """The absolute path of the copy of what is at `uri`; `uri` itself, where it is not of a bucket."""
    if not uri.startswith(BUCKET):
        return uri
    copy = _Copy.of(uri)
    try:
        copy.bring_up_to_date(region)
    except (CredentialsError, UnreachableError) as error:
        if not copy.whole():
            raise
        note(Note(f"{uri} was not asked ({error.message}); the copy that was made before is taken"))
    return str(copy.path)


@dataclass(frozen=True)
class _Object:
    """Something in a bucket: its key, its size in bytes, and the ETag that changes with its content."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True)
class _Copy:
    """A copy of an object, or of all objects below a key that ends with a slash. `index` has what was fetched."""

    bucket: str
    key: str
    path: Path
    index: Path

    @classmethod
    def of(cls, uri: str) -> _Copy:
        bucket, _, key = uri.removeprefix(BUCKET).partition("/")
        name, folder = key_of(uri)[:32], folder_of(KIND)
        return cls(bucket, key, folder / name / (PurePosixPath(key).name or bucket), folder / f"{name}.json")

    def bring_up_to_date(self, region: str | None) -> None:
        from cloud_nas.targets.sagemaker.client import Client

        client = Client(region)
        there = list(self._there(client))
        if not there:
            raise NotFoundError(f"there is nothing at {BUCKET}{self.bucket}/{self.key}", hint="a folder's address ends with /")
        here = self._fetched()
        missing = [one for one in there if here.get(one.key) != one or not self._is_here(one)]
        if missing or len(here) != len(there):
            self.index.unlink(missing_ok=True)  # what is half done counts as nothing
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(lambda one: self._fetch(client, one), missing))
            self._forget_all_but(there)
            write_json(self.index, {"schema": _SCHEMA, "objects": [dataclasses.asdict(one) for one in there]}, mode=0o600)

    def whole(self) -> bool:
        """Whether all that was fetched once is here."""
        here = self._fetched()
        return bool(here) and all(map(self._is_here, here.values()))

    def _there(self, client: Client) -> Iterator[_Object]:
        if self.key and not self.key.endswith("/"):
            try:
                head = client.call("s3", "HeadObject", Bucket=self.bucket, Key=self.key)
            except CloudNasError as error:
                if getattr(error, "service_code", "") not in ("404", "NoSuchKey", "NotFound"):
                    raise
                return
            yield _Object(self.key, head["ContentLength"], head["ETag"])
            return
        for page in client.pages("s3", "ListObjectsV2", Bucket=self.bucket, Prefix=self.key):
            for one in page.get("Contents", ()):
                if not one["Key"].endswith("/"):
                    yield _Object(one["Key"], one["Size"], one["ETag"])

    def _fetched(self) -> dict[str, _Object]:
        try:
            about = read_json(self.index)
            found = [_Object(**one) for one in about["objects"]] if about["schema"] == _SCHEMA else []
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {one.key: one for one in found}

    def _is_here(self, one: _Object) -> bool:
        path = self._path_of(one)
        return path.is_file() and path.stat().st_size == one.size

    def _path_of(self, one: _Object) -> Path:
        if one.key == self.key:
            return self.path
        parts = one.key.removeprefix(self.key).split("/")
        if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
            raise RefusedError(f"{one.key!r} is no name for a file", hint="rename it in the bucket", code="CN243")
        return self.path.joinpath(*parts)

    def _forget_all_but(self, there: list[_Object]) -> None:
        """Deletes what is in the bucket no more, so that nobody takes it for rows."""
        expected = {self._path_of(one) for one in there}
        for path in self.path.rglob("*") if self.path.is_dir() else ():
            if path.is_file() and path not in expected:
                path.unlink()

    def _fetch(self, client: Client, one: _Object) -> None:
        from cloud_nas.targets.sagemaker.refusals import explained

        path = self._path_of(one)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        answer: dict[str, Any] = client.call("s3", "GetObject", Bucket=self.bucket, Key=one.key, IfMatch=one.etag)
        with replacing(path, mode=0o600) as file, explained("s3", "GetObject", client.region):
            for piece in iter(lambda: answer["Body"].read(_PIECE), b""):
                file.write(piece)
            if file.tell() != one.size:
                raise UnreachableError(f"{BUCKET}{self.bucket}/{one.key} came cut off", hint="try again")
