"""A server on loopback that answers for Google with what a test put there: resources, objects, lines. It notes what was asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET, PARENT = "my-bucket", "projects/my-project/locations/us-central1"
PAGE = 2
"""Resources or lines on a page, so that there are several."""

_GOOGLE = "type.googleapis.com"
_TYPES = {
    "customJobs": "CustomJob",
    "hyperparameterTuningJobs": "HyperparameterTuningJob",
    "trainingPipelines": "TrainingPipeline",
    "models": "Model",
    "evaluations": "ModelEvaluation",
}


class Asked(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]


class CannedGoogle:
    """`resources` by name (`projects/.../customJobs/1`), `objects` by name, `lines` of Cloud Logging (None: it has none)."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, bytes] = {}
        self.lines: list[dict[str, Any]] | None = []
        self.asked: list[Asked] = []
        self.exports: dict[str, dict[str, bytes]] = {}
        self.operations: dict[str, dict[str, Any]] = {}
        self.refuses: tuple[int, str] | None = None
        self.refuses_logs = False
        self.page = PAGE
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"google": self}))
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        """It does not answer any more."""
        self._http.shutdown()
        self._http.server_close()

    def put(self, kind: str, number: int, **fields: Any) -> str:
        """Puts a resource that its proto could have; its name."""
        from google.cloud.aiplatform_v1 import types
        from google.protobuf import json_format

        name = f"{PARENT}/{kind}/{number}"
        json_format.ParseDict({"name": name, **fields}, getattr(types, _TYPES[kind.rpartition("/")[2]]).pb()())
        self.resources[name] = {"name": name, **fields}
        return name

    def count(self, method: str, part: str) -> int:
        """How often something was asked for."""
        return sum(one.method == method and part in one.path for one in self.asked)

    def answer(self, asked: Asked) -> dict[str, Any] | None:
        """What Vertex AI or Cloud Logging answers; None: 404."""
        path = asked.path.removeprefix("/v1/")
        if asked.path == "/v2/entries:list":
            return None if self.lines is None else self._page("entries", self._logged(asked), asked.body.get("pageToken"))
        if path.endswith(":cancel"):
            job = self.resources[path.removesuffix(":cancel")]
            job["state"] = f"{job['state'].partition('_STATE_')[0]}_STATE_CANCELLING"
            return {}
        if path.endswith(":export"):
            return self._exported(path.removesuffix(":export"), asked.body["outputConfig"])
        if "/operations" in path:
            path = f"{PARENT}{path.partition(PARENT)[2]}"
            asked_for = path in self.operations
            return self.operations.get(path) if asked_for else {"operations": list(self.operations.values())}
        if path in self.resources:
            return self.resources[path]
        kind = path.rpartition("/")[2]
        owner = path.removesuffix(f"/{kind}")
        if owner != PARENT and owner not in self.resources:
            return None
        listed = [one for name, one in self.resources.items() if name.startswith(f"{path}/") and "/" not in name[len(path) + 1 :]]
        key = "modelEvaluations" if kind == "evaluations" else kind
        return self._page(key, listed, asked.query.get("pageToken"))

    def _page(self, key: str, items: list[dict[str, Any]], token: str | None) -> dict[str, Any]:
        begin = int(token or 0)
        end = begin + self.page
        return {key: items[begin:end], **({"nextPageToken": str(end)} if end < len(items) else {})}

    def _logged(self, asked: Asked) -> list[dict[str, Any]]:
        """The lines of the jobs that the filter names."""
        return [one for one in self.lines or () if f'"{one["resource"]["labels"]["job_id"]}"' in asked.body["filter"]]

    def _exported(self, model: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """An export that goes on until it is looked at again."""
        prefix, kind = (
            wanted["artifactDestination"]["outputUriPrefix"],
            "type.googleapis.com/google.cloud.aiplatform.v1.ExportModel",
        )
        folder = f"{prefix}model-1/{wanted['exportFormatId']}/2026-11-24T10:00:00.000Z/"
        name = f"{model}/operations/{len(self.operations) + 7}"
        begun = {"name": name, "metadata": {"@type": f"{kind}OperationMetadata", "outputInfo": {"artifactOutputUri": folder}}}
        self.operations[name] = {**begun, "done": True, "response": {"@type": f"{kind}Response"}}
        for file, content in self.exports[wanted["exportFormatId"]].items():
            self.objects[f"{folder}{file}".removeprefix(f"gs://{BUCKET}/")] = content
        return begun


class _Handler(BaseHTTPRequestHandler):
    google: CannedGoogle
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        asked = Asked(self.command, unquote(url.path), query, json.loads(body) if body else {})
        self.google.asked.append(asked)
        refuses = self.google.refuses
        if self.google.refuses_logs and asked.path.startswith("/v2/"):
            refuses = (403, "Permission 'logging.logEntries.list' denied on resource (or it may not exist).")
        if refuses is not None:
            status, message = refuses
            self._json(status, {"error": {"code": status, "message": message}})
        elif "/storage/v1/b/" in asked.path:
            self._object(asked, unquote(url.path.partition("/o/")[2]))
        else:
            found = self.google.answer(asked)
            self._json(404, {"error": {"code": 404, "message": "not there"}}) if found is None else self._json(200, found)

    do_GET = do_POST = _any

    def _object(self, asked: Asked, name: str) -> None:
        objects = self.google.objects
        if not name:
            prefix = asked.query.get("prefix", "")
            self._json(200, {"items": [self._about(key) for key in sorted(objects) if key.startswith(prefix)]})
        elif name not in objects:
            self._json(404, {"error": {"code": 404, "message": f"no {name}"}})
        elif asked.query.get("alt") == "media":
            begin, _, end = self.headers["Range"].removeprefix("bytes=").partition("-")
            self._send(206, objects[name][int(begin) : int(end) + 1])
        else:
            self._json(200, self._about(name))

    def _about(self, name: str) -> dict[str, Any]:
        return {"bucket": BUCKET, "name": name, "size": str(len(self.google.objects[name])), "generation": "1"}

    def _json(self, status: int, found: dict[str, Any]) -> None:
        self._send(status, json.dumps(found).encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
