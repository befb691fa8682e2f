"""Objects in Cloud Storage, through Google's own client: the only file that talks to it.

Small objects are read and written whole; large ones a piece at a time. Nothing is overwritten that somebody else wrote meanwhile.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cloud_nas.errors import FailedError, NotFoundError, RefusedError, UnreachableError
from cloud_nas.files import in_words
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import credentials, default_project
from cloud_nas.targets.vertex.installed import require_installed
from cloud_nas.targets.vertex.objects import LARGEST, SMALL, Object, require_small
from cloud_nas.targets.vertex.refusals import ServiceError, explained, of_answer
from cloud_nas.targets.vertex.repeats import repeated
from local_engine.files import replacing

PIECE = 16 * 2**20
"""Bytes that are asked for at once, so that a large file takes no more memory."""

_TIMEOUT = 60.0
__all__ = ["Object", "Storage"]

_GONE = (404, 410)
_CHANGED = "412"

Done = TypeVar("Done")


class Storage:
    """Cloud Storage as the user sees it, or the emulator that `STORAGE_EMULATOR_HOST` names.

    Args:
        place: with `project`, and `kms_key` for what is written.
        sleep: lets seconds pass between tries.

    Raises:
        MissingExtraError: Google's library is not installed.
    """

    def __init__(self, place: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        require_installed("google.cloud.storage")
        self.project: str | None = place.get("project") or default_project()
        self._kms_key = place.get("kms_key")
        self._sleep = sleep
        self._kept: Any = None

    def bucket(self, name: str) -> dict[str, str]:
        """Where a bucket is: `location` (small letters) and `locationType` (`region`, `dual-region`, `multi-region`).

        Raises:
            RefusedError: there is no such bucket.
            CredentialsError: one may not ask.
        """
        found = self._found("storage.buckets.get", lambda: self._client.get_bucket(name, retry=None, timeout=_TIMEOUT))
        if found is None:
            hint = "make it (gcloud storage buckets create), or name another one: targets: {vertex: {bucket: NAME}}"
            raise RefusedError(f"there is no bucket {name}", hint=hint, code="CN505")
        return {"location": str(found.location or "").lower(), "locationType": str(found.location_type or "region").lower()}

    def stat(self, uri: str) -> Object | None:
        """What is there; None where nothing is."""

        def look() -> Any:
            blob = self._blob(uri)
            blob.reload(retry=None, timeout=_TIMEOUT)
            return blob

        found = self._found("storage.objects.get", look, uri)
        return None if found is None else _object(found)

    def list(self, uri: str) -> Iterator[Object]:
        """All objects whose URI begins so, by name."""
        bucket, prefix = naming.split_uri(uri)
        token: str | None = None
        while True:
            page, token = self._page(bucket, prefix, token)
            yield from page
            if not token:
                return

    def read(self, uri: str, *, limit: int = SMALL) -> bytes | None:
        """The object, whole; None where there is none.

        Raises:
            FailedError: it has more than `limit` bytes.
        """
        found = self.stat(uri)
        if found is None:
            return None
        require_small(found, limit)
        return b"".join(self._pieces(found))

    def read_json(self, uri: str) -> dict[str, Any] | None:
        """The JSON object there; None where there is none, or it is none."""
        content = self.read(uri)
        try:
            found = None if content is None else json.loads(content)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def download(self, uri: str, path: Path, *, note: Callable[[str], None] = lambda text: None) -> Path:
        """Writes the object to `path`, whole or not at all.

        Raises:
            NotFoundError: there is no such object.
            FailedError: it is larger than `LARGEST`, or was replaced meanwhile.
        """
        found = self.stat(uri)
        if found is None:
            raise NotFoundError(f"{uri} is not there", hint="it was deleted, or the job left none")
        require_small(found, LARGEST)
        note(f"downloading {uri}, {in_words(found.bytes)}")
        self.fetch(found, path)
        return path

    def fetch(self, one: Object, path: Path) -> None:
        """Writes this generation of an object to `path`, whole or not at all."""
        with replacing(path, mode=0o600) as file:
            for piece in self._pieces(one):
                file.write(piece)

    def write(self, uri: str, content: bytes, *, metadata: Mapping[str, str], generation: int = 0) -> bool:
        """Writes an object whole.

        Args:
            uri: of the object.
            content: of it.
            metadata: of it.
            generation: what is there now, and is replaced; 0: nothing is.

        Returns:
            False: something else is there than `generation`; nothing was written.
        """

        def put() -> bool:
            blob = self._blob(uri)
            blob.metadata = dict(metadata)
            try:
                with explained("storage.objects.create", self.project):
                    blob.upload_from_string(content, if_generation_match=generation, retry=None, timeout=_TIMEOUT)
            except ServiceError as error:
                if error.service_code == _CHANGED:
                    return False
                raise
            return True

        return repeated(put, sleep=self._sleep)

    def begin(self, uri: str, size: int, *, metadata: Mapping[str, str], generation: int = 0) -> str:
        """Begins to send a large object; returns the address that its pieces go to, which is a secret of its own, for a week."""

        def start() -> str:
            blob = self._blob(uri)
            blob.metadata = dict(metadata)
            with explained("storage.objects.create", self.project):
                return str(
                    blob.create_resumable_upload_session(
                        size=size, if_generation_match=generation, retry=None, timeout=_TIMEOUT, checksum=None
                    )
                )

        return repeated(start, sleep=self._sleep)

    def arrived(self, session: str, size: int) -> int | None:
        """How many bytes of a large object have come, all of them where it is whole; None: the address is valid no more."""
        status, end = self._put(session, b"", f"bytes */{size}")
        if status in _GONE or status == 400:
            return None
        return size if status < 300 else end

    def send(self, session: str, content: bytes, start: int, size: int) -> int:
        """Sends a piece, in order; returns how many bytes have come. The object is there, whole, with the last one.

        Raises:
            ServiceError: `412`: something else is there by now.
        """
        status, end = self._put(session, content, f"bytes {start}-{start + len(content) - 1}/{size}")
        if status in (200, 201):
            return size
        if status == 308:
            return end
        raise of_answer(status, "the upload was refused", "storage.objects.create", self.project)

    def delete(self, one: Object) -> None:
        """Deletes this generation of an object; what is gone already is left alone."""
        self._found(
            "storage.objects.delete",
            lambda: self._blob(one.uri).delete(if_generation_match=one.generation, retry=None, timeout=_TIMEOUT),
            one.uri,
        )

    def _put(self, session: str, content: bytes, told: str) -> tuple[int, int]:
        """The status, and how many bytes have come."""

        def put() -> tuple[int, int]:
            with explained("storage.objects.create", self.project):
                headers = {"Content-Range": told, "Content-Length": str(len(content))}
                found = self._client._http.put(session, data=content, headers=headers, timeout=_TIMEOUT)
                if found.status_code in (408, 429) or found.status_code >= 500:
                    raise UnreachableError(f"Cloud Storage is too busy ({found.status_code})", hint="try again in a minute")
                _, _, last = found.headers.get("Range", "").rpartition("-")
                return int(found.status_code), int(last) + 1 if last.isdigit() else 0

        return repeated(put, sleep=self._sleep)

    def _page(self, bucket: str, prefix: str, token: str | None) -> tuple[Sequence[Object], str | None]:
        def ask() -> tuple[Sequence[Object], str | None]:
            with explained("storage.objects.list", self.project):
                found = self._client.list_blobs(bucket, prefix=prefix, page_token=token, retry=None, timeout=_TIMEOUT)
                page = next(found.pages, None)
                return [_object(one) for one in page or ()], found.next_page_token

        try:
            return repeated(ask, sleep=self._sleep)
        except NotFoundError as error:
            hint = "name another one: targets: {vertex: {bucket: NAME}}"
            raise RefusedError(f"there is no bucket {bucket}", hint=hint, code="CN505") from error

    def _pieces(self, one: Object) -> Iterator[bytes]:
        for start in range(0, one.bytes, PIECE):
            yield self._piece(one, start, min(one.bytes, start + PIECE))

    def _piece(self, one: Object, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, asked for again where the connection breaks in the middle."""

        def ask() -> bytes:
            with explained("storage.objects.get", self.project):
                blob = self._blob(one.uri)
                content: bytes = blob.download_as_bytes(
                    start=start, end=end - 1, if_generation_match=one.generation, retry=None, timeout=_TIMEOUT, checksum=None
                )
            if len(content) != end - start:
                raise UnreachableError(f"{one.uri} came cut off", hint="try again")
            return content

        try:
            return repeated(ask, sleep=self._sleep)
        except (NotFoundError, ServiceError) as error:
            if isinstance(error, NotFoundError) or error.service_code == _CHANGED:
                raise FailedError(f"{one.uri} was replaced while it was downloaded", hint="do it again") from error
            raise

    def _found(self, operation: str, do: Callable[[], Any], uri: str | None = None) -> Any:
        """What a call answers; None where there is nothing of that name."""

        def once() -> Any:
            with explained(f"{operation} of {uri}" if uri else operation, self.project):
                return do()

        try:
            return repeated(once, sleep=self._sleep)
        except NotFoundError:
            return None

    def _blob(self, uri: str) -> Any:
        bucket, name = naming.split_uri(uri)
        return self._client.bucket(bucket).blob(name, kms_key_name=self._kms_key)

    @functools.cached_property
    def _client(self) -> Any:
        from google.cloud import storage

        with explained("storage", self.project):
            redirected = bool(os.environ.get("STORAGE_EMULATOR_HOST"))
            return storage.Client(project=self.project, credentials=credentials(anonymous=redirected))


def _object(found: Any) -> Object:
    metadata = {str(key): str(value) for key, value in (found.metadata or {}).items()}
    uri = f"gs://{found.bucket.name}/{found.name}"
    return Object(uri, int(found.size or 0), int(found.generation or 0), metadata)
