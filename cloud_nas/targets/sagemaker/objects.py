"""Objects in the bucket, read: small ones whole, large ones into files, a piece at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cloud_nas.errors import CloudNasError, FailedError, NotFoundError, UnreachableError
from cloud_nas.files import in_words
from cloud_nas.targets.sagemaker import naming
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from local_engine.files import replacing

PIECE = 16 * 1024 * 1024
"""Bytes that are asked for at once, so that a large file takes no more memory."""

LARGEST = 20 * 1024**3
"""Bytes of the largest file that is downloaded."""

SMALL = 32 * 1024 * 1024
"""Bytes of the largest object that is read whole."""

_TRIES = 4
_GONE = ("NoSuchKey", "404", "NotFound")


def owner(place: Mapping[str, Any]) -> dict[str, str]:
    """The account that has to own the bucket, as calls to S3 take it: that of the role."""
    account = str(place.get("role") or "").partition("::")[2].partition(":")[0]
    return {"ExpectedBucketOwner": account} if account else {}


def read(client: Client, place: Mapping[str, Any], uri: str, *, limit: int = SMALL) -> bytes | None:
    """The object, whole; None where there is none.

    Raises:
        FailedError: it has more than `limit` bytes.
    """
    size = _size(client, place, uri)
    if size is None:
        return None
    _check(uri, size[0], limit)
    return b"".join(_pieces(client, place, uri, *size))


def read_json(client: Client, place: Mapping[str, Any], uri: str) -> dict[str, Any] | None:
    """The JSON object there; None where there is none, or it is none."""
    content = read(client, place, uri)
    try:
        found = None if content is None else json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def download(
    client: Client, place: Mapping[str, Any], uri: str, path: Path, *, note: Callable[[str], None] = lambda text: None
) -> Path:
    """Writes the object to `path`, whole or not at all.

    Raises:
        NotFoundError: there is no such object.
        FailedError: it is larger than `LARGEST`, or was replaced meanwhile.
    """
    size = _size(client, place, uri)
    if size is None:
        raise NotFoundError(f"{uri} is not there", hint="it was deleted, or the job left none")
    _check(uri, size[0], LARGEST)
    note(f"downloading {uri}, {in_words(size[0])}")
    with replacing(path, mode=0o600) as file:
        for piece in _pieces(client, place, uri, *size):
            file.write(piece)
    return path


def _size(client: Client, place: Mapping[str, Any], uri: str) -> tuple[int, str] | None:
    """How many bytes it has, and its ETag."""
    bucket, key = naming.split_uri(uri)
    try:
        found = client.call("s3", "HeadObject", Bucket=bucket, Key=key, **owner(place))
    except NotFoundError:
        return None
    except CloudNasError as error:
        if getattr(error, "service_code", None) in _GONE:
            return None
        raise
    return int(found["ContentLength"]), str(found["ETag"])


def _check(uri: str, size: int, limit: int) -> None:
    if size > limit:
        raise FailedError(f"{uri} has {in_words(size)}; more than {in_words(limit)} are not downloaded")


def _pieces(client: Client, place: Mapping[str, Any], uri: str, size: int, etag: str) -> Iterator[bytes]:
    for start in range(0, size, PIECE):
        yield _piece(client, place, uri, etag, start, min(size, start + PIECE))


def _piece(client: Client, place: Mapping[str, Any], uri: str, etag: str, start: int, end: int) -> bytes:
    """The bytes from `start` to before `end`, asked for again where the connection breaks in the middle."""
    bucket, key = naming.split_uri(uri)
    reason = "no answer"
    for _ in range(_TRIES):
        try:
            found = client.call(
                "s3", "GetObject", Bucket=bucket, Key=key, Range=f"bytes={start}-{end - 1}", IfMatch=etag, **owner(place)
            )
        except ServiceError as error:
            if error.service_code in ("PreconditionFailed", "412"):
                raise FailedError(f"{uri} was replaced while it was downloaded", hint="do it again") from error
            raise
        content, reason = _body(found)
        if content is not None and len(content) == end - start:
            return content
    raise UnreachableError(f"the download of {uri} broke off {_TRIES} times: {reason}")


def _body(found: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """What came, or why it did not. A body breaks with an error of whatever library reads the socket."""
    try:
        return found["Body"].read(), "it was shorter than announced"
    except Exception as error:  # botocore's and urllib3's, neither of which is imported here
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in ("botocore", "urllib3", "http"):
            return None, str(error)
        raise
