"""A gigabyte goes up to Cloud Storage in little memory, and after a kill only what had not arrived is sent."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .test_large_upload import MIB, MOST_MEMORY, PEAK, SIZE, large_file, until

SENDS = """
import json, pathlib, sys
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.vertex import uploads
from cloud_nas.targets.vertex.storage import Storage

uploads.upload(Storage({"project": "my-project"}), [Upload(**json.loads(sys.argv[1]))])
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="a process's own peak of memory is read from /proc"),
]


class Taking:
    """A Cloud Storage that takes one large object, hashes it and keeps nothing of it."""

    def __init__(self) -> None:
        self.arrived, self.received, self.begun = 0, 0, 0
        self.hash = hashlib.sha256()
        self.metadata: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        taking = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(200, b"{}")

            def do_POST(self) -> None:
                taking.metadata = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked = parse_qs(urlsplit(self.path).query)
                assert asked["uploadType"] == ["resumable"] and asked["ifGenerationMatch"] == ["0"]
                taking.begun += 1
                self._answer(200, b"", Location=f"{taking.endpoint}/upload/session-{taking.begun}")

            def do_PUT(self) -> None:
                length, told = int(self.headers["Content-Length"]), self.headers["Content-Range"]
                if length:
                    start = int(re.fullmatch(r"bytes (\d+)-\d+/\d+", told)[1])  # type: ignore[index]
                    assert start == taking.arrived, "pieces come in order, from where the last one ended"
                while length and (part := self.rfile.read(min(MIB, length))):
                    length -= len(part)
                    taking.received += len(part)
                    taking.arrived += len(part)
                    taking.hash.update(part)
                if taking.arrived == SIZE:
                    self._answer(200, b'{"size": "1"}')
                else:
                    self._answer(308, b"", **({"Range": f"bytes=0-{taking.arrived - 1}"} if taking.arrived else {}))

            def _answer(self, status: int, content: bytes, **headers: str) -> None:
                self.send_response(status)
                for key, value in ({"Content-Length": str(len(content)), "Content-Type": "application/json"} | headers).items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Taking]:
    server = Taking()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.close()


def test_a_gigabyte_goes_on_after_a_kill_in_constant_memory(taking: Taking, tmp_path: Path) -> None:
    path = tmp_path / "rows.bin"
    sha256 = large_file(path)
    one = {"source": str(path), "destination": f"gs://large/data/{sha256}/rows.bin", "bytes": SIZE, "sha256": sha256}
    command = [sys.executable, "-c", SENDS + PEAK, json.dumps(one)]

    first = subprocess.Popen(command, env=dict(os.environ))
    until(lambda: taking.arrived >= SIZE // 3)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    until(lambda: threading.active_count() <= 3)
    before = taking.arrived
    assert SIZE // 3 <= before < SIZE

    second = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    peak = int(second.stdout)
    print(f"{SIZE // MIB} MiB, {before // MIB} MiB before the kill, at most {peak / MIB:.0f} MiB of memory")
    assert taking.begun == 1 and taking.received == SIZE
    assert taking.hash.hexdigest() == sha256 == taking.metadata["metadata"]["sha256"]
    assert peak < MOST_MEMORY
