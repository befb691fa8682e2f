"""Specs in the stand-in's bucket, an AWS that only refuses, and wheels that are fetched once for all tests here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


class Refusing:
    """A server on loopback that answers everything with one error, in JSON and in XML as AWS's and Google's services do."""

    def __init__(self) -> None:
        self.status, self.code, self.message = 400, "ValidationException", ""
        self.asked = 0
        refusing = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                refusing.asked += 1
                if self.path.startswith(("/v1/", "/v2/", "/ui/", "/storage/", "/upload/", "/download/")):
                    told = json.dumps({"error": {"code": refusing.status, "message": refusing.message, "status": refusing.code}})
                elif "X-Amz-Target" in self.headers:
                    told = json.dumps({"__type": refusing.code, "message": refusing.message})
                else:
                    told = f"<Error><Code>{refusing.code}</Code><Message>{refusing.message}</Message></Error>"
                body = b"" if self.command == "HEAD" else told.encode()
                self.send_response(refusing.status)
                if refusing.status == 301:
                    self.send_header("x-amz-bucket-region", "us-east-2")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def says(self, status: int, code: str, message: str = "because") -> None:
        """What it answers from now on."""
        self.status, self.code, self.message = status, code, message

    def close(self) -> None:
        """It does not answer any more."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def refusing() -> Iterator[Refusing]:
    """A server that refuses; AWS's clients are not sent there."""
    server = Refusing()
    yield server
    server.close()


@pytest.fixture(scope="session")
def wheels_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they are."""
    return tmp_path_factory.mktemp("wheels")


@pytest.fixture(autouse=True)
def wheels(home: Path, wheels_folder: Path) -> None:
    """The home's cache of them."""
    (home / "cache").mkdir(mode=0o700)
    (home / "cache" / "wheels").symlink_to(wheels_folder)


@pytest.fixture
def spec(make_spec: Callable[..., Path], cloud: StandIn) -> Path:
    """The digits, to be searched in the stand-in's bucket."""
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    return make_spec(targets=place)


@pytest.fixture
def table(make_spec: Callable[..., Path], cloud: StandIn) -> Path:
    """A table that Autopilot takes, likewise."""
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    spec = make_spec("table", task="tabular-classification", data="{source: rows.csv, target: y}", targets=place)
    rows = "".join(f"{number},{number % 7},{'yes' if number % 3 else 'no'}\n" for number in range(900))
    (spec.parent / "rows.csv").write_text(f"a,b,y\n{rows}")
    return spec


def google_place(google: Any) -> str:
    """The section `targets:` for a stand-in of Google."""
    return f"{{vertex: {{project: {google.project}, location: {google.location}, bucket: {google.bucket}}}}}"


@pytest.fixture
def google_spec(make_spec: Callable[..., Path], google: Any) -> Path:
    """The digits, to be searched in the bucket of Google's stand-in."""
    return make_spec("google", targets=google_place(google))


@pytest.fixture
def google_table(make_spec: Callable[..., Path], google: Any) -> Path:
    """A table that AutoML takes, likewise."""
    data = "{source: rows.csv, target: y}"
    spec = make_spec("google-table", task="tabular-classification", data=data, targets=google_place(google))
    rows = "".join(f"{number},{number % 7},{'yes' if number % 3 else 'no'}\n" for number in range(1500))
    (spec.parent / "rows.csv").write_text(f"a,b,y\n{rows}")
    return spec
