"""Sources in a bucket, copied once to this machine: what has changed there since is fetched again, the rest is taken as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cloud_nas.errors import CredentialsError, NotFoundError, RefusedError, UnreachableError
from cloud_nas.operations._buckets import S3, Bucket, CloudStorage, Stored
from cloud_nas.package.cache import folder_of, key_of
from cloud_nas.spec.paths import BUCKETS
from local_engine.definition import Definition
from local_engine.events import Note
from local_engine.files import read_json, write_json

KIND = "staged"
"""Its folder in the cache."""

_SCHEMA = 1
_AT_ONCE = 8


def staged(
    definition: Definition,
    *,
    region: str | None = None,
    project: str | None = None,
    note: Callable[[Note], None] = lambda note: None,
) -> Definition:
    """The definition with sources of `s3://` and `gs://` replaced by their copies here; as it is, where it names none.

    Args:
        definition: what is searched.
        region: of a bucket at AWS; None: of AWS's own configuration.
        project: who asks for a bucket at Google; None: of Google's own configuration.
        note: told where the bucket was not asked and an older copy is taken.

    Raises:
        NotFoundError: there is nothing of that name.
        CredentialsError, UnreachableError: the bucket cannot be read, and there is no copy here.
    """
    data, split = definition.data, definition.data.split
    test = stage(split.test, region=region, project=project, note=note) if isinstance(split.test, str) else split.test
    source = stage(data.source, region=region, project=project, note=note)
    if (source, test) == (data.source, split.test):
        return definition
    data = dataclasses.replace(data, source=source, split=dataclasses.replace(split, test=test))
    return dataclasses.replace(definition, data=data)


def stage(
    uri: str,
    *,
    region: str | None = None,
    project: str | None = None,
    note: Callable[[Note], None] = lambda note: None,
) -> str:
    """The absolute path of the copy of what is at `uri`; `uri` itself, where it is not of a bucket."""
    if not uri.startswith(BUCKETS):
        return uri
    copy = _Copy.of(uri)
    name = copy.uri.split("/")[2]
    try:
        copy.bring_up_to_date(S3(name, region) if uri.startswith("s3://") else CloudStorage(name, project))
    except (CredentialsError, UnreachableError) as error:
        if not copy.whole():
            raise
        note(Note(f"{uri} was not asked ({error.message}); the copy that was made before is taken"))
    return str(copy.path)


@dataclass(frozen=True)
class _Copy:
    """A copy of an object, or of all objects below a key that ends with a slash. `index` has what was fetched."""

    uri: str
    key: str
    path: Path
    index: Path

    @classmethod
    def of(cls, uri: str) -> _Copy:
        bucket, _, key = uri.partition("://")[2].partition("/")
        name, folder = key_of(uri)[:32], folder_of(KIND)
        return cls(uri, key, folder / name / (PurePosixPath(key).name or bucket), folder / f"{name}.json")

    def bring_up_to_date(self, bucket: Bucket) -> None:
        there = list(bucket.there(self.key))
        if not there:
            raise NotFoundError(f"there is nothing at {self.uri}", hint="a folder's address ends with /")
        here = self._fetched()
        missing = [one for one in there if here.get(one.key) != one or not self._is_here(one)]
        if missing or len(here) != len(there):
            self.index.unlink(missing_ok=True)  # what is half done counts as nothing
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(lambda one: self._fetch(bucket, one), missing))
            self._forget_all_but(there)
            write_json(self.index, {"schema": _SCHEMA, "objects": [dataclasses.asdict(one) for one in there]}, mode=0o600)

    def whole(self) -> bool:
        """Whether all that was fetched once is here."""
        here = self._fetched()
        return bool(here) and all(map(self._is_here, here.values()))

    def _fetched(self) -> dict[str, Stored]:
        try:
            about = read_json(self.index)
            found = [Stored(**one) for one in about["objects"]] if about["schema"] == _SCHEMA else []
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {one.key: one for one in found}

    def _is_here(self, one: Stored) -> bool:
        path = self._path_of(one)
        return path.is_file() and path.stat().st_size == one.size

    def _path_of(self, one: Stored) -> Path:
        if one.key == self.key:
            return self.path
        parts = one.key.removeprefix(self.key).split("/")
        if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
            raise RefusedError(f"{one.key!r} is no name for a file", hint="rename it in the bucket", code="CN243")
        return self.path.joinpath(*parts)

    def _forget_all_but(self, there: list[Stored]) -> None:
        """Deletes what is in the bucket no more, so that nobody takes it for rows."""
        expected = {self._path_of(one) for one in there}
        for path in self.path.rglob("*") if self.path.is_dir() else ():
            if path.is_file() and path not in expected:
                path.unlink()

    def _fetch(self, bucket: Bucket, one: Stored) -> None:
        path = self._path_of(one)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        bucket.fetch(one, path)
