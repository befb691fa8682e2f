"""Cloud Storage and the metadata server on loopback, as much of them as a container asks."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "ya29.of-the-machine"


class CloudStorage:
    """Objects by name, in one bucket.

    Attributes:
        objects: name -> (generation, content).
        written: names, in the order in which they were written.
        failures: statuses that the next requests get instead of an answer.
    """

    def __init__(self) -> None:
        self.objects: dict[str, tuple[int, bytes]] = {}
        self.written: list[str] = []
        self.failures: list[int] = []
        self.address = ""
        self._count = 0

    def put(self, name: str, content: bytes) -> int:
        self._count += 1
        self.objects[name] = (self._count, content)
        self.written.append(name)
        return self._count

    def take(self, folder: Path) -> None:
        """Takes up the files below a folder as objects."""
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.put(path.relative_to(folder).as_posix(), path.read_bytes())

    def lay(self, folder: Path) -> Path:
        """Writes the objects as files."""
        for name, (_, content) in self.objects.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    @property
    def variables(self) -> dict[str, str]:
        """What points a container here; there is no mount below the folder that it looks in."""
        host = self.address.partition("://")[2]
        return {"STORAGE_EMULATOR_HOST": self.address, "GCE_METADATA_HOST": host, "CLOUD_NAS_GCS_ROOT": "/nowhere"}


class Handler(BaseHTTPRequestHandler):
    storage: CloudStorage
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def answer(self, status: int, content: bytes | dict[str, object] = b"") -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/computeMetadata/v1/instance/service-accounts/default/token"):
            assert self.headers["Metadata-Flavor"] == "Google"
            self.answer(200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer(401, b"no token")
        elif self.storage.failures:
            self.answer(self.storage.failures.pop(0), b"try again")
        elif parts.path.startswith("/upload/storage/v1/b/a-bucket/o"):
            self.upload(query, sent)
        elif parts.path == "/storage/v1/b/a-bucket/o":
            self.listed(query)
        else:
            self.one(unquote(parts.path.removeprefix("/storage/v1/b/a-bucket/o/")), query)

    do_GET = do_POST = do_DELETE = handle_any

    def upload(self, query: dict[str, str], sent: bytes) -> None:
        name = query["name"]
        now = self.storage.objects.get(name, (0, b""))[0]
        if "ifGenerationMatch" in query and int(query["ifGenerationMatch"]) != now:
            self.answer(412, b"conditionNotMet")
            return
        self.answer(200, {"name": name, "generation": str(self.storage.put(name, sent))})

    def listed(self, query: dict[str, str]) -> None:
        """Two a page."""
        names = sorted(name for name in self.storage.objects if name.startswith(query["prefix"]))
        start = int(query.get("pageToken") or 0)
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(names) else {}
        self.answer(200, {"items": [{"name": name} for name in names[start : start + 2]], **more})

    def one(self, name: str, query: dict[str, str]) -> None:
        if name not in self.storage.objects:
            self.answer(404, b"No such object")
            return
        generation, content = self.storage.objects[name]
        if self.command == "DELETE":
            del self.storage.objects[name]
            self.answer(204)
        elif query.get("alt") == "media":
            self.answer(200, content)
        else:
            assert re.fullmatch(r"generation", query["fields"])
            self.answer(200, {"generation": str(generation)})


@contextmanager
def serving() -> Iterator[CloudStorage]:
    """An empty bucket, called `a-bucket`."""
    storage = CloudStorage()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"storage": storage}))
    storage.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
