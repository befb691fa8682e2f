"""The HTTP door: who is asked (by the signature), faults, our own SageMaker, and moto behind it for the rest."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from cloud_nas.rehearse.aws import shapes
from cloud_nas.rehearse.aws.elsewhere import price_list
from cloud_nas.rehearse.aws.errors import AwsError
from cloud_nas.rehearse.aws.faults import Faults
from cloud_nas.rehearse.aws.operations import OURS
from cloud_nas.rehearse.aws.storage import ACCOUNT
from cloud_nas.rehearse.aws.world import World

_SIGNED = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_NAMES = {"tagging": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Asked:
    """A request that came in; service and operation as botocore names them, for S3 `PUT /bucket/key?query`."""

    service: str
    operation: str
    region: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    error: str | None = None


class Server:
    """Listens on loopback, on a port that was free; each request has a thread."""

    def __init__(self, world: World, faults: Faults, list_rate: float | None) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
        from werkzeug.serving import make_server

        class Quiet(MotoRequestHandler):  # type: ignore[misc]
            def log(self, type: str, message: str, *args: Any) -> None:
                """Nothing: what was asked is in `requests`."""

        self.world, self.faults, self.list_rate = world, faults, list_rate
        self.requests: list[Asked] = []
        self.defects: list[str] = []
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._tokens: dict[str, tuple[float, float]] = {}
        self._http = make_server("127.0.0.1", 0, self, threaded=True, request_handler=Quiet)
        self._http.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No more requests."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        if environ["PATH_INFO"].startswith("/offers/"):
            return _send(start_response, 200, json.dumps(price_list(environ["PATH_INFO"].split("/")[-2])).encode())
        signed = _SIGNED.search(environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", "").replace("%2F", "/"))
        region, service = (signed.group(2), signed.group(3)) if signed else ("us-east-1", "s3")
        service = _NAMES.get(service, service)
        if service in OURS:
            return self._ours(service, region, environ, start_response)
        return self._theirs(service, region, environ, start_response)

    def _ours(self, service: str, region: str, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[2]
        body: dict[str, Any] = {}
        try:
            body = json.loads(raw or b"{}")
            with self.world.lock:
                lost, answer = self._answer(service, operation, region, body)
        except AwsError as error:
            self._note(service, operation, region, environ, body, error.status, error.code)
            told = json.dumps({"__type": error.code, "message": error.message, "Message": error.message}).encode()
            return _send(start_response, error.status, told)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to who asked and to who started the stand-in
            self.defects.append(f"{operation}: {error!r}")
            self._note(service, operation, region, environ, body, 500, "InternalFailure")
            told = json.dumps({"__type": "InternalFailure", "message": f"the stand-in failed: {error!r}"}).encode()
            return _send(start_response, 500, told)
        self._note(service, operation, region, environ, body, 200, "lost" if lost else None)
        if lost:
            with contextlib.suppress(OSError):
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return _send(start_response, 200, json.dumps(answer).encode())

    def _answer(self, service: str, operation: str, region: str, body: dict[str, Any]) -> tuple[bool, Any]:
        """Whether the answer gets lost, and the answer."""
        call = OURS[service].get(operation)
        if call is None:
            raise AwsError("UnknownOperationException", f"the stand-in has no {service} {operation}", 404)
        self.world.advance()
        self.faults.before(operation)
        self._limit(operation)
        shapes.check(service, operation, body)
        if self.faults.empty_first(operation, body.get("NextToken")):
            answer = self._empty(service, operation)
        else:
            with self.world.hiding(lambda job: self.faults.hides(operation, job.created, self.world.clock.now())):
                answer = call(self.world, region, body)
        encoded = shapes.encode(service, operation, answer)
        self.world.advance()
        return self.faults.created(operation), encoded

    def _empty(self, service: str, operation: str) -> dict[str, Any]:
        shape = shapes.service_model(service).operation_model(operation).output_shape
        lists: dict[str, Any] = {name: [] for name, member in shape.members.items() if member.type_name == "list"}
        return lists | {"NextToken": "cGFnZS0w"}  # page-0

    def _limit(self, operation: str) -> None:
        """The account's own limit of lists a second."""
        if self.list_rate is None or not operation.startswith("List"):
            return
        now = time.monotonic()
        left, last = self._tokens.get(operation, (self.list_rate, now))
        left = min(self.list_rate, left + (now - last) * self.list_rate)
        self._tokens[operation] = (left - (left >= 1), now)
        if left < 1:
            raise AwsError("ThrottlingException", "Rate exceeded")

    def _theirs(self, service: str, region: str, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        told = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[2]
        operation = told or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}{query}"
        refused = self._refusal(service, region, environ)
        if refused is not None:
            code, status, text, headers = refused
            self._note(service, operation, region, environ, {}, status, code)
            return _send(start_response, status, b"" if environ["REQUEST_METHOD"] == "HEAD" else text.encode(), headers)

        def started(status: str, headers: Any, exc_info: Any = None) -> Any:
            self._note(service, operation, region, environ, {}, int(status.split()[0]), None)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        answer: Iterable[bytes] = self._moto(environ, started)
        return answer

    def _refusal(self, service: str, region: str, environ: dict[str, Any]) -> tuple[str, int, str, dict[str, str]] | None:
        """What moto would let pass: an expired token, somebody else's bucket, a bucket of another region."""
        if self.faults.expired:
            text = "The provided token has expired."
            if service == "s3":
                return "ExpiredToken", 400, f"{_XML}<Error><Code>ExpiredToken</Code><Message>{text}</Message></Error>", {}
            if "HTTP_X_AMZ_TARGET" in environ:
                return "ExpiredTokenException", 400, json.dumps({"__type": "ExpiredTokenException", "message": text}), {}
            body = f"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>{text}</Message></Error></ErrorResponse>"
            return "ExpiredToken", 403, body, {}
        if service != "s3":
            return None
        owner = environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER")
        if owner not in (None, ACCOUNT):
            return "AccessDenied", 403, f"{_XML}<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", {}
        bucket = environ["PATH_INFO"].strip("/").partition("/")[0]
        there = self.world.storage.region_of(bucket)
        if there is not None and there != region and "location" not in environ.get("QUERY_STRING", ""):
            text = f"<Code>PermanentRedirect</Code><Message>The bucket is in {there}</Message><Bucket>{bucket}</Bucket>"
            return "PermanentRedirect", 301, f"{_XML}<Error>{text}</Error>", {"x-amz-bucket-region": there}
        return None

    def _note(
        self,
        service: str,
        operation: str,
        region: str,
        environ: dict[str, Any],
        body: dict[str, Any],
        status: int,
        error: str | None,
    ) -> None:
        headers = {key[5:].replace("_", "-").lower(): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
        self.requests.append(Asked(service, operation, region, body, headers, status, error))


def _send(start_response: Callable[..., Any], status: int, body: bytes, headers: dict[str, str] | None = None) -> Iterable[bytes]:
    kind = "application/xml" if body.startswith(b"<") else "application/x-amz-json-1.1"
    start_response(f"{status} _", [("Content-Type", kind), ("Content-Length", str(len(body))), *(headers or {}).items()])
    return [body]
