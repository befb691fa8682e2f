"""A server that knows of Google only what its own protos and its Storage documentation say, and nothing of cloud-nas.

It keeps custom jobs and tuning jobs (create, get, list, cancel) and objects of one bucket; all else is 404. It shares no code
with the stand-in of `rehearse`, so that a misreading that client and stand-in have in common may be seen here.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google_crc32c
from google.cloud.aiplatform_v1 import types
from google.protobuf import json_format

KINDS: dict[str, Any] = {"customJobs": types.CustomJob, "hyperparameterTuningJobs": types.HyperparameterTuningJob}
BUCKET, LOCATION = "independent-bucket", "us-central1"
COURSE = ("JOB_STATE_QUEUED", "JOB_STATE_PENDING", "JOB_STATE_RUNNING")
_TERM = re.compile(r'(?P<key>labels\.[\w-]+|display_name|create_time|state)\s*(?P<how>>=|<=|!=|=|>|<|:)\s*"?(?P<value>[^"\s]*)"?')


class NotThere(Exception):
    """Answered with 404."""


class PlainGoogle:
    """The server, between `with` and its end; `jobs` by resource name, `objects` by name, `asked` all requests."""

    def __init__(self, most_on_a_page: int = 1) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.sessions: dict[str, tuple[dict[str, Any], bytearray]] = {}
        self.asked: list[tuple[str, str]] = []
        self.most_on_a_page = most_on_a_page
        self._numbers = itertools.count(7001)
        self._lock = threading.Lock()

    def __enter__(self) -> PlainGoogle:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"google": self}))
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def move(self, state: str, **fields: Any) -> None:
        """Puts every job into a state, with fields of its own proto beside it."""
        for job in self.jobs.values():
            job.update(state=state, updateTime=_now(), **fields)

    # Vertex AI

    def vertex(self, method: str, path: str, query: dict[str, str], body: bytes) -> dict[str, Any]:
        """An answer to a request below `/v1/`; a body is parsed strictly into its proto."""
        found = re.fullmatch(r"(projects/[^/]+/locations/[^/]+)/(\w+)(?:/(\d+))?(?::(\w+))?", path)
        if found is None or found[2] not in KINDS:
            raise NotThere
        parent, kind, number, verb = found.groups()
        if number is None and method == "POST":
            return self._create(parent, kind, body)
        if number is None:
            return self._list(f"{parent}/{kind}/", kind, query)
        job = self.jobs.get(f"{parent}/{kind}/{number}")
        if job is None:
            raise NotThere
        if verb == "cancel":
            job["state"] = "JOB_STATE_CANCELLED"
            return {}
        return _as_proto(kind, job)

    def _create(self, parent: str, kind: str, body: bytes) -> dict[str, Any]:
        asked = json_format.Parse(body, KINDS[kind].pb()())  # an unknown field, or a wrong type, raises
        job: dict[str, Any] = json_format.MessageToDict(asked)
        name = f"{parent}/{kind}/{next(self._numbers)}"
        self.jobs[name] = job | {"name": name, "state": COURSE[0], "createTime": _now()}
        return _as_proto(kind, self.jobs[name])

    def _list(self, prefix: str, kind: str, query: dict[str, str]) -> dict[str, Any]:
        all_of_them = [job for name, job in self.jobs.items() if name.startswith(prefix) and _fits(job, query.get("filter", ""))]
        begin = int(query.get("pageToken") or 0)
        end = begin + min(int(query.get("pageSize") or 100), self.most_on_a_page)
        page = {kind: [_as_proto(kind, job) for job in all_of_them[begin:end]]}
        return page | ({"nextPageToken": str(end)} if end < len(all_of_them) else {})

    # Cloud Storage

    def keep(self, name: str, content: bytes, metadata: dict[str, Any], only_if: str | None = None) -> dict[str, Any] | None:
        """Puts an object; None where the one that is there is of another generation than it has to be (0: there is none)."""
        with self._lock:
            there = self.objects[name][0]["generation"] if name in self.objects else "0"
            if only_if not in (None, there):
                return None
            generation = str(next(self._numbers))
            crc = base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
            md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
            told = {"kind": "storage#object", "bucket": BUCKET, "size": str(len(content)), "crc32c": crc, "md5Hash": md5}
            told |= {"name": name, "generation": generation, "metageneration": "1", "timeCreated": _now(), "updated": _now()}
            self.objects[name] = ({"metadata": {}, **metadata} | told, content)
            return self.objects[name][0]


class _Handler(BaseHTTPRequestHandler):
    google: PlainGoogle
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        path = url.path.lstrip("/")
        self.google.asked.append((self.command, url.path))
        try:
            if path.startswith("v1/"):
                self._json(200, self.google.vertex(self.command, unquote(path[3:]), query, body))
            elif path == f"storage/v1/b/{BUCKET}":
                self._json(200, {"name": BUCKET, "location": LOCATION.upper(), "locationType": "region", "projectNumber": "1"})
            elif path == f"upload/storage/v1/b/{BUCKET}/o":
                self._upload(query, body)
            elif path.startswith((f"storage/v1/b/{BUCKET}/o", f"download/storage/v1/b/{BUCKET}/o")):
                self._object(unquote(path.partition("/o")[2].lstrip("/")), query)
            else:
                raise NotThere
        except NotThere:
            self._json(404, {"error": {"code": 404, "message": f"no {path}", "status": "NOT_FOUND"}})
        except json_format.ParseError as error:
            self._json(400, {"error": {"code": 400, "message": str(error), "status": "INVALID_ARGUMENT"}})

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any

    def _upload(self, query: dict[str, str], body: bytes) -> None:
        only_if = query.get("ifGenerationMatch")
        if query.get("uploadType") == "multipart":
            boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])
            assert boundary is not None
            _, told, content, *_ = body.split(b"--" + boundary[1].encode())
            metadata = json.loads(told.partition(b"\r\n\r\n")[2])
            self._kept(metadata["name"], content.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n"), metadata, only_if)
        elif query.get("uploadType") == "media":
            self._kept(query["name"], body, {}, only_if)
        elif "upload_id" not in query:
            session = str(len(self.google.sessions) + 1)
            metadata = json.loads(body or b"{}")
            self.google.sessions[session] = ({"name": query.get("name"), "only_if": only_if, **metadata}, bytearray())
            self._json(200, {}, Location=f"{self.google.url}{self.path}&upload_id={session}")
        else:
            self._part(query["upload_id"], body)

    def _part(self, session: str, body: bytes) -> None:
        metadata, held = self.google.sessions[session]
        total = self.headers.get("Content-Range", "").rpartition("/")[2]
        held += body
        if total.isdigit() and len(held) >= int(total):
            name, only_if = metadata.pop("name"), metadata.pop("only_if")
            self._kept(name, bytes(held), metadata, only_if)
        else:
            self._json(308, {}, **({"Range": f"bytes=0-{len(held) - 1}"} if held else {}))

    def _kept(self, name: str, content: bytes, metadata: dict[str, Any], only_if: str | None) -> None:
        told = self.google.keep(name, content, metadata, only_if)
        if told is None:
            self._json(412, {"error": {"code": 412, "message": "conditionNotMet", "errors": [{"reason": "conditionNotMet"}]}})
        else:
            self._json(200, told)

    def _object(self, name: str, query: dict[str, str]) -> None:
        objects = self.google.objects
        if not name:
            found = [told for key, (told, _) in sorted(objects.items()) if key.startswith(query.get("prefix", ""))]
            self._json(200, {"kind": "storage#objects", "items": found})
            return
        if name not in objects:
            raise NotThere
        told, content = objects[name]
        if self.command == "DELETE":
            del objects[name]
            self._send(204, b"", {})
        elif query.get("alt") == "media":
            self._content(told, content)
        else:
            self._json(200, told)

    def _content(self, told: dict[str, Any], content: bytes) -> None:
        headers = {"x-goog-hash": f"crc32c={told['crc32c']},md5={told['md5Hash']}", "x-goog-generation": told["generation"]}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            self._send(200, content, headers)
            return
        begin, end = int(asked[1]), int(asked[2] or len(content) - 1)
        part = content[begin : end + 1]
        headers["Content-Range"] = f"bytes {begin}-{begin + len(part) - 1}/{len(content)}"
        self._send(206, part, headers)

    def _json(self, status: int, answer: dict[str, Any], **headers: str) -> None:
        self._send(status, json.dumps(answer).encode(), {"Content-Type": "application/json", **headers})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def _as_proto(kind: str, job: dict[str, Any]) -> dict[str, Any]:
    """A job as its own proto would write it: a field that it has not raises."""
    answer: dict[str, Any] = json_format.MessageToDict(json_format.ParseDict(job, KINDS[kind].pb()()))
    return answer


def _fits(job: dict[str, Any], expression: str) -> bool:
    return all(_holds(job, term) for term in _terms(expression))


def _terms(expression: str) -> Iterator[re.Match[str]]:
    for text in re.split(r"\s+AND\s+", expression.strip("() ")) if expression else []:
        term = _TERM.fullmatch(text.strip("() "))
        assert term is not None, f"not a filter that is documented: {text}"
        yield term


def _holds(job: dict[str, Any], term: re.Match[str]) -> bool:
    key, how, value = term["key"], term["how"], term["value"]
    if key.startswith("labels."):
        here = job.get("labels", {}).get(key.removeprefix("labels."))
        return here is not None if (how, value) == (":", "*") else here == value
    here = str(job.get({"display_name": "displayName", "create_time": "createTime"}.get(key, key), ""))
    if how == ":":
        return re.fullmatch(re.escape(value).replace(r"\*", ".*"), here) is not None
    if key == "create_time":
        early, late = (datetime.fromisoformat(one.replace("Z", "+00:00")) for one in (here, value))
        return {">": early > late, ">=": early >= late, "<": early < late, "<=": early <= late, "=": early == late}[how]
    return (here == value) is (how == "=")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
