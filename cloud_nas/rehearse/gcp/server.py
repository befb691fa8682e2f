"""The HTTP door: Vertex AI, Cloud Storage, Cloud Logging and the metadata server, all on one port of loopback."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cloud_nas.rehearse.gcp.answers import Refused
from cloud_nas.rehearse.gcp.api import VertexApi
from cloud_nas.rehearse.gcp.storage_api import Answer, StorageApi
from cloud_nas.rehearse.gcp.world import World

_JOB = re.compile(r"job_id\s*=\s*\(?([^)]*?)\)?(?:\s+AND\b|\s*$)")
_SINCE = re.compile(r'timestamp\s*>=\s*"([^"]+)"')
_ENTRIES = 1000


@dataclass(frozen=True)
class Asked:
    """A request that came in: Vertex AI's operation by name, else method and path."""

    operation: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 200


class Server(ThreadingHTTPServer):
    """Listens on loopback, on a port that was free; each request has a thread."""

    daemon_threads = True

    def __init__(self, world: World) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self.world = world
        self.storage = StorageApi(world.objects, self.endpoint)
        self.vertex: VertexApi | None = None
        self.requests: list[Asked] = []
        self.defects: list[str] = []
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def begin(self, vertex: VertexApi) -> None:
        """From now on it answers."""
        self.vertex = vertex
        self._thread.start()

    def close(self) -> None:
        """No more requests."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who went away is not missed."""

    def logged(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """`entries:list`: the lines of jobs that the filter names, oldest first."""
        condition = str(asked.get("filter", ""))
        jobs = _JOB.search(condition)
        wanted = set(re.findall(r"\d+", jobs[1])) if jobs else None
        since = _SINCE.search(condition)
        found = [
            one
            for one in self.world.logs
            if (wanted is None or one["resource"]["labels"]["job_id"] in wanted)
            and (since is None or one["timestamp"] >= since[1])
        ]
        start, most = int(asked.get("pageToken") or 0), min(_ENTRIES, int(asked.get("pageSize") or _ENTRIES))
        page = found[start : start + most]
        return {"entries": page} | ({"nextPageToken": str(start + most)} if start + most < len(found) else {})


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def _any(self) -> None:
        body = self._body()
        url = urlsplit(self.path)
        path, query = unquote(url.path), dict(parse_qsl(url.query, keep_blank_values=True))
        operation, lost = f"{self.command} {path}", False
        try:
            answer, operation, lost = self._answer(url.path, path, query, body)
        except Refused as error:
            answer = Answer(error.status, error.body())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to who asked and to who started the stand-in
            self.server.defects.append(f"{operation}: {error!r}")
            answer = Answer(500, Refused(500, f"the stand-in failed: {error!r}").body())
        told: dict[str, Any] = {}
        if not path.startswith(("/upload", "/storage", "/download")):
            with contextlib.suppress(ValueError):
                told = json.loads(body) if body else {}
        self.server.requests.append(Asked(operation, path, told, answer.status))
        if lost:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _any

    def _answer(self, raw: str, path: str, query: dict[str, str], body: bytes) -> tuple[Answer, str, bool]:
        server = self.server
        if path.startswith("/computeMetadata/"):
            return Answer(body={"access_token": "none", "expires_in": 3600, "token_type": "Bearer"}), "metadata", False
        if raw.startswith(("/storage/", "/upload/", "/download/")):
            headers = {key.lower(): value for key, value in self.headers.items()}
            if server.vertex is not None and server.vertex.faults.expired:
                raise Refused(401, "Invalid Credentials")
            return server.storage.answer(self.command, raw, query, headers, body), f"{self.command} {path}", False
        if path == "/v2/entries:list":
            with server.world.lock:
                server.world.advance()
                return Answer(body=server.logged(json.loads(body))), "entries:list", False
        found = re.match(r"/(?:v1|ui|v1beta1)/(.+)", path)
        if found is None or server.vertex is None:
            raise Refused(404, f"There is no {path} here.")
        with server.world.lock:
            operation, told, lost = server.vertex.answer(self.command, found[1], query, body)
        return Answer(body=told), operation, lost

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        held = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            held += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(held)

    def _send(self, answer: Answer) -> None:
        raw = isinstance(answer.body, bytes)
        content = answer.body if raw else b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json", **answer.headers}
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is in `requests`."""
