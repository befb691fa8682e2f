"""The JSON API of Cloud Storage, as far as Google's own client and our container use it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from cloud_nas.rehearse.gcp.answers import Refused
from cloud_nas.rehearse.gcp.objects import Kept, Objects

_OBJECT = re.compile(r"/(?:(?:upload|download)/)?storage/v1/b/([^/]+)/o(?:/(.+))?")
_PAGE = 1000


@dataclass(frozen=True)
class Answer:
    """A status of HTTP, a body (JSON, or bytes as they are) and headers."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class StorageApi:
    """Answers requests; an upload in parts goes on where it broke off.

    Args:
        objects: what is there.
        address: where it listens, for the sessions of uploads.
    """

    def __init__(self, objects: Objects, address: str) -> None:
        self._objects, self._address = objects, address
        self._numbers = itertools.count(1)
        self._sessions: dict[str, tuple[str, Mapping[str, Any], int | None, bytearray]] = {}

    def answer(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        """One request.

        Raises:
            Refused: as Google would.
        """
        found = _OBJECT.fullmatch(path)
        if found is None:
            return self._bucket(path)
        bucket, name = unquote(found[1]), unquote(found[2] or "")
        if path.startswith("/upload/"):
            return self._upload(method, bucket, query, headers, body)
        if not name:
            return Answer(body=self._list(bucket, query))
        if "/compose" in name and method == "POST":
            return self._compose(bucket, name.removesuffix("/compose"), query, json.loads(body))
        copied = re.fullmatch(r"(.+)/(?:rewriteTo|copyTo)/b/([^/]+)/o/(.+)", name)
        if copied is not None:
            return self._copy(bucket, copied, query, found[2] or "")
        return self._one(method, f"gs://{bucket}/{name}", query, headers, body)

    def _bucket(self, path: str) -> Answer:
        name = unquote(path.rpartition("/b/")[2])
        name, _, rest = name.partition("/")
        if name not in self._objects.buckets or rest not in ("", "iam/testPermissions", "iam"):
            raise Refused(404, "The specified bucket does not exist.")
        location = self._objects.buckets[name]
        told = {"kind": "storage#bucket", "id": name, "name": name, "location": location.upper(), "projectNumber": "1"}
        return Answer(body=told | {"locationType": "region", "storageClass": "STANDARD"})

    def _one(self, method: str, uri: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        kept = self._objects.find(uri)
        _require(query, kept.generation)
        if method == "DELETE":
            self._objects.remove(uri)
            return Answer(204)
        if method in ("PATCH", "PUT"):
            told = {**kept.resource, **json.loads(body)}
            return Answer(body=self._objects.put(uri, kept.content, told).resource)
        return _media(kept, headers) if query.get("alt") == "media" else Answer(body=kept.resource)

    def _list(self, bucket: str, query: Mapping[str, str]) -> dict[str, Any]:
        if bucket not in self._objects.buckets:
            raise Refused(404, "The specified bucket does not exist.")
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        names = [
            uri.partition("/")[2].partition("/")[2].partition("/")[2] for uri in self._objects.keys(f"gs://{bucket}/{prefix}")
        ]
        folders = sorted(
            {
                prefix + name[len(prefix) :].split(delimiter)[0] + delimiter
                for name in names
                if delimiter and delimiter in name[len(prefix) :]
            }
        )
        names = [name for name in names if not delimiter or delimiter not in name[len(prefix) :]]
        start, most = int(query.get("pageToken") or 0), min(_PAGE, int(query.get("maxResults") or _PAGE))
        items = [self._objects.find(f"gs://{bucket}/{name}").resource for name in names[start : start + most]]
        found: dict[str, Any] = {"kind": "storage#objects", "items": items}
        if folders and not start:
            found["prefixes"] = folders
        return found | ({"nextPageToken": str(start + most)} if start + most < len(names) else {})

    def _upload(self, method: str, bucket: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        only_if = None if "ifGenerationMatch" not in query else int(query["ifGenerationMatch"])
        if "upload_id" in query:
            return self._part(method, query["upload_id"], headers, body)
        kind = query.get("uploadType", "media")
        if kind == "media":
            told = {"contentType": headers.get("content-type", "application/octet-stream")}
            return Answer(body=self._objects.put(f"gs://{bucket}/{query['name']}", body, told, only_if).resource)
        if kind == "multipart":
            told, content = _parts(headers.get("content-type", ""), body)
            name = str(told.pop("name", None) or query["name"])
            return Answer(body=self._objects.put(f"gs://{bucket}/{name}", content, told, only_if).resource)
        told = json.loads(body or b"{}")
        session = f"session-{next(self._numbers)}"
        name = str(told.pop("name", None) or query["name"])
        if bucket not in self._objects.buckets:
            raise Refused(404, "The specified bucket does not exist.")
        self._sessions[session] = (f"gs://{bucket}/{name}", told, only_if, bytearray())
        place = f"{self._address}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={session}"
        return Answer(headers={"Location": place, "X-GUploader-UploadID": session})

    def _part(self, method: str, session: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if session not in self._sessions:
            raise Refused(404, "The upload session is not there.")
        uri, told, only_if, held = self._sessions[session]
        if method == "DELETE":
            del self._sessions[session]
            return Answer(204)
        span = re.fullmatch(
            r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", headers.get("content-range", f"bytes 0-{len(body) - 1}/{len(body)}")
        )
        if span is None:
            raise Refused(400, "Invalid Content-Range.")
        if span[1] is not None:
            if int(span[1]) > len(held):
                raise Refused(400, "Invalid request: the part does not follow the one before.")
            held[int(span[1]) :] = body
        if span[3] != "*" and len(held) >= int(span[3]):
            kept = self._objects.put(uri, bytes(held), told, only_if)
            del self._sessions[session]
            return Answer(body=kept.resource)
        return Answer(308, headers={"Range": f"bytes=0-{len(held) - 1}"} if held else {})

    def _compose(self, bucket: str, name: str, query: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        content = b"".join(self._objects.get(f"gs://{bucket}/{one['name']}") for one in asked["sourceObjects"])
        only_if = None if "ifGenerationMatch" not in query else int(query["ifGenerationMatch"])
        return Answer(body=self._objects.put(f"gs://{bucket}/{name}", content, asked.get("destination", {}), only_if).resource)

    def _copy(self, bucket: str, copied: re.Match[str], query: Mapping[str, str], raw: str) -> Answer:
        kept = self._objects.find(f"gs://{bucket}/{copied[1]}")
        made = self._objects.put(f"gs://{copied[2]}/{copied[3]}", kept.content, kept.resource)
        size = str(len(kept.content))
        whole = {"kind": "storage#rewriteResponse", "done": True, "totalBytesRewritten": size, "objectSize": size}
        return Answer(body=whole | {"resource": made.resource} if "rewriteTo" in raw else made.resource)


def _require(query: Mapping[str, str], generation: int) -> None:
    asked = query.get("ifGenerationMatch") or query.get("generation")
    if asked is not None and int(asked) != generation:
        raise Refused(412 if "ifGenerationMatch" in query else 404, "The object has another generation.")


def _media(kept: Kept, headers: Mapping[str, str]) -> Answer:
    told = {
        "x-goog-hash": f"crc32c={kept.resource['crc32c']},md5={kept.resource['md5Hash']}",
        "x-goog-generation": str(kept.generation),
        "Content-Type": "application/octet-stream",
    }
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("range", ""))
    if asked is None:
        return Answer(200, kept.content, told)
    start, end = int(asked[1]), int(asked[2] or len(kept.content) - 1)
    part = kept.content[start : end + 1]
    if not part and kept.content:
        raise Refused(400, "The requested range cannot be satisfied.")
    return Answer(206, part, told | {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(kept.content)}"})


def _parts(kind: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """Metadata and content of an upload in one request."""
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary is None:
        raise Refused(400, "There is no boundary.")
    _, first, second, *_ = body.split(b"--" + boundary[1].encode())
    told: dict[str, Any] = json.loads(first.partition(b"\r\n\r\n")[2])
    return told, second.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
