"""A server on loopback for a test's time: a function answers every request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """A status, a body, and headers beside its length."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None


@contextmanager
def serving(answer: Callable[[str, str], Answer]) -> Iterator[str]:
    """The server's address.

    Args:
        answer: is asked with the method and the path with its query.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = answer(self.command, self.path)
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(told.body)), **(told.headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
