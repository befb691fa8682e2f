"""A small web server for this machine's own browser: loopback alone, GET alone, and no name but its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cloud_nas.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

ADDRESS = "127.0.0.1"

Headers = list[tuple[str, str]]


class LoopbackServer(ThreadingMixIn, WSGIServer):
    """Serves an application to browsers on this machine.

    Args:
        app: the application; it sees nothing but GET.
        port: where to listen; 0: any that is free.

    Raises:
        UsageError: the port is taken, or not this user's to take.
    """

    daemon_threads = True

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        try:
            super().__init__((ADDRESS, port), _QuietHandler)
        except OSError as error:
            raise UsageError(f"port {port} cannot be had: {error.strerror}", hint="leave --port out to get one") from error
        self.set_app(_guarded(app, self.server_port))

    def server_bind(self) -> None:
        """As the parent does, without asking the network for this machine's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]
        self.setup_environ()

    @property
    def url(self) -> str:
        """The address for a browser, without a slash at its end."""
        return f"http://{ADDRESS}:{self.server_port}"


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing of each request."""


def _guarded(app: WSGIApplication, port: int) -> WSGIApplication:
    """The application behind a door.

    A page of another site can have its name lead to 127.0.0.1 and then read what is served there, with that name in the Host
    header; such a request is refused. So is every method that could change something, whatever the application would do.
    """
    names = {f"{name}:{port}" for name in (ADDRESS, "localhost")}

    def door(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") not in names:
            return _refusal(start, "403 Forbidden", [])
        if environ["REQUEST_METHOD"] != "GET":
            return _refusal(start, "405 Method Not Allowed", [("Allow", "GET")])
        environ.setdefault("HTTP_ACCEPT_ENCODING", "")
        return app(environ, _with_headers(start))

    return door


def _with_headers(start: StartResponse) -> StartResponse:
    """Keeps other sites' pages from embedding what is served."""

    def begin(status: str, headers: Headers, *rest: Any) -> Callable[[bytes], object]:
        return start(status, [*headers, ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY")], *rest)

    return begin


def _refusal(start: StartResponse, status: str, headers: Headers) -> list[bytes]:
    body = f"{status}: this is read by browsers on its own machine alone, and changes nothing\n".encode()
    start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers])
    return [body]
