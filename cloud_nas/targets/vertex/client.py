"""The only file that talks to Vertex AI: one door for every call, with Google's errors in our words.

Google's typed clients are imported when they are used (a second); they speak REST, and print nothing.
"""

from __future__ import annotations

import functools
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloud_nas.errors import NotFoundError, UnreachableError
from cloud_nas.targets.environment import number
from cloud_nas.targets.pacing import Pace
from cloud_nas.targets.vertex.configuration import default_location, default_project, required
from cloud_nas.targets.vertex.endpoint import endpoint
from cloud_nas.targets.vertex.installed import require_installed
from cloud_nas.targets.vertex.long_running import LongRunning
from cloud_nas.targets.vertex.refusals import ServiceError, explained, of_answer, of_status, words
from cloud_nas.targets.vertex.repeats import repeated

__all__ = ["Client", "ServiceError", "default_location", "default_project", "message"]

READS, SUBMISSIONS = 10.0, 1.0
"""Calls a second, by project and region: 600 reads and 60 creates or deletions a minute."""

_BURST = 20
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_REPEATABLE = ("Get", "List", "Cancel", "Delete")
"""How operations begin that may be repeated at will."""

_SERVICES = ("JobService", "PipelineService", "DatasetService", "ModelService")
_TIMEOUT = 60.0
_PACE = Pace()


class Client(LongRunning):
    """Calls to Vertex AI in one project and region.

    Args:
        place: with `project` and `location`; where it has none, Google's own configuration counts.
        sleep: lets seconds pass between tries and looks.

    Raises:
        MissingExtraError: Google's libraries are not installed.
        UsageError: no project or no location is known, or the endpoint is none.
    """

    def __init__(self, place: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        require_installed("google.cloud.aiplatform_v1")
        self.project = required(place.get("project") or default_project(), "project", "my-project")
        self.location = required(place.get("location") or default_location(), "location", "europe-west4")
        self.endpoint = endpoint(self.location)
        self._sleep = sleep
        self._clients: dict[str, Any] = {}
        self._kept_session: Any = None

    @property
    def parent(self) -> str:
        """What all resources of the place are in."""
        return f"projects/{self.project}/locations/{self.location}"

    def call(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One call, by Google's own names: `call("GetCustomJob", {"name": "projects/.../customJobs/1"})`.

        Reads, cancellations and deletions are repeated where Google is busy; creates are sent once.

        Args:
            operation: of the API.
            body: the whole request as JSON; a field that the API does not know is an error, and nothing is sent.

        Returns:
            The answer as JSON: names in camelCase, enumerations by name, 64-bit integers as text, zeros left out. A long-running
            operation comes back as itself: see `finished`.

        Raises:
            CredentialsError: nobody is logged in, the login has expired, or it is not allowed.
            UnreachableError: Google did not answer, or was too busy again and again.
            RefusedError: a quota that the request alone exceeds.
            NotFoundError: there is no such resource.
            ServiceError: anything else that Google says; `service_code` is the status of HTTP.
        """
        return self._answer(operation, functools.partial(_typed, operation, body))

    def pages(self, operation: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Every page of a list, with its items under the key of the answer (`customJobs`)."""
        token: str | None = None
        while True:
            page = self.call(operation, {**body, **({"pageToken": token} if token else {})})
            yield page
            following = page.get("nextPageToken")
            if not following or following == token:
                return
            token = following

    def finished(self, name: str) -> dict[str, Any] | None:
        """A long-running operation that has ended, whole: `response`, `metadata`; None: it goes on.

        Raises:
            CloudNasError: it failed; and as `call`.
        """
        try:
            found = self._answer("GetOperation", functools.partial(_operation, name))
        except NotFoundError:  # the clients ask below /ui/; the documented address is this one
            found = self.get_json(f"{self.endpoint.address}/v1/{name}") or {}
        if not found.get("done"):
            return None
        if found.get("error"):
            raise of_status(found["error"], "the operation", self.project)
        return found

    def operations(self, name: str) -> list[dict[str, Any]]:
        """The long-running operations on a resource, as far as Google tells of them."""
        try:
            found = self._answer("ListOperations", functools.partial(_operations, name))
        except NotFoundError:  # likewise
            found = self.get_json(f"{self.endpoint.address}/v1/{name}/operations") or {}
        return list(found.get("operations", ()))

    def url(self, host: str, path: str) -> str:
        """Where another service of Google's is asked (`logging.googleapis.com`): a loopback endpoint stands for them all."""
        return self.endpoint.url(host, path)

    def get_json(self, url: str) -> dict[str, Any] | None:
        """What is at a URL of Google's, with the caller's credentials; None: the endpoint is a loopback and this is elsewhere.

        Raises:
            CloudNasError: as `call`.
        """
        return self._json("GET", url, None)

    def post_json(self, url: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to a question that is posted; likewise. Only for calls that change nothing: they are repeated."""
        return self._json("POST", url, body)

    def _json(self, method: str, url: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if self.endpoint.anonymous and not url.startswith(f"{self.endpoint.address}/"):
            return None
        what = f"{method} {url.partition('?')[0]}"

        def ask() -> dict[str, Any]:
            with explained(what, self.project):
                found = self._session().request(method, url, json=body, timeout=_TIMEOUT)
                if found.status_code >= 400:
                    raise of_answer(found.status_code, words(found), what, self.project)
                try:
                    answer: dict[str, Any] = found.json()
                except ValueError as error:
                    raise UnreachableError(f"{what}: the answer is no JSON", hint="try again") from error
                return answer

        return repeated(ask, sleep=self._sleep)

    def _answer(self, operation: str, do: Callable[[Callable[[str], Any]], Any]) -> dict[str, Any]:
        """Does it at the service's pace, and again where that is safe."""
        reads = operation.startswith(("Get", "List"))
        rate = number("CLOUD_NAS_GCP_RATE", READS) * (1 if reads else SUBMISSIONS / READS)

        def once() -> dict[str, Any]:
            _PACE.wait((self.project, self.location, reads), rate, burst=_BURST if reads else _BURST // 2)
            with explained(operation, self.project):
                return _plain(do(self._service))

        return repeated(once, sleep=self._sleep) if operation.startswith(_REPEATABLE) else once()

    def _service(self, name: str) -> Any:
        """The typed client of a service."""
        if name not in self._clients:
            from google.api_core.client_options import ClientOptions
            from google.cloud import aiplatform_v1

            address = self.endpoint.address.removeprefix("https://")
            made = getattr(aiplatform_v1, f"{name}Client")
            self._clients[name] = made(
                credentials=self._login,
                transport="rest",
                client_options=ClientOptions(api_endpoint=address),
            )
        return self._clients[name]

    @functools.cached_property
    def _login(self) -> Any:
        """Asked for once a client, so that a token serves all calls, and a new login is seen by the next client."""
        return credentials(anonymous=self.endpoint.anonymous)

    def _session(self) -> Any:
        if self._kept_session is None:
            from google.auth.transport.requests import AuthorizedSession

            self._kept_session = AuthorizedSession(self._login)
        return self._kept_session


def credentials(*, anonymous: bool) -> Any:
    """Whoever is logged in here, by Google's own order; nobody, for a loopback.

    Raises:
        DefaultCredentialsError: Google's: nobody is logged in.
    """
    import google.auth
    from google.auth.credentials import AnonymousCredentials

    if anonymous:
        return AnonymousCredentials()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a login without a quota project, which is the user's own affair
        found, _ = google.auth.default(scopes=[_SCOPE])
    return found


def message(operation: str) -> Any:
    """The protobuf class of an operation's request (`CreateCustomJob`); needs no credentials and no network.

    Raises:
        AttributeError: there is no such operation.
    """
    require_installed("google.cloud.aiplatform_v1")
    from google.cloud.aiplatform_v1 import types

    return getattr(types, f"{operation}Request").pb()


def unreadable(operation: str, body: Mapping[str, Any]) -> str | None:
    """Why the proto of an operation's request cannot be made of JSON; None: it can, and nothing is sent."""
    kind = message(operation)
    from google.protobuf import json_format

    try:
        json_format.ParseDict(dict(body), kind())
    except (json_format.ParseError, TypeError) as error:
        return str(error)
    return None


def _typed(operation: str, body: Mapping[str, Any], service: Callable[[str], Any]) -> Any:
    from google.cloud.aiplatform_v1 import types
    from google.protobuf import json_format

    kind = getattr(types, f"{operation}Request")
    try:
        request = kind.wrap(json_format.ParseDict(dict(body), kind.pb()()))
    except (json_format.ParseError, TypeError) as error:
        raise _not_valid(operation, error) from error
    method = _snake(operation)
    do = getattr(service(_service_of(method)), method)
    try:
        return do(request=request, retry=None, timeout=_TIMEOUT)
    except ValueError as error:
        if "Invalid request" not in str(error):
            raise
        # a name that is of no such resource
        raise _not_valid(operation, error) from error


def _not_valid(operation: str, error: Exception) -> ServiceError:
    text = " ".join(str(error).split())[:400]
    return ServiceError(f"{operation} is not a valid request: {text}", service_code="400")


def _operation(name: str, service: Callable[[str], Any]) -> Any:
    from google.longrunning.operations_pb2 import GetOperationRequest

    return service("JobService").get_operation(request=GetOperationRequest(name=name), retry=None, timeout=_TIMEOUT)


def _operations(name: str, service: Callable[[str], Any]) -> Any:
    from google.longrunning.operations_pb2 import ListOperationsRequest

    return service("JobService").list_operations(request=ListOperationsRequest(name=name), retry=None, timeout=_TIMEOUT)


def _plain(answer: Any) -> dict[str, Any]:
    """An answer of any of the clients' kinds as JSON: nothing, a page, a long-running operation, a message."""
    from google.protobuf import json_format
    from google.rpc import error_details_pb2  # noqa: F401  (what the details of an error are made of)

    if answer is None:
        return {}
    if hasattr(answer, "pages"):
        answer = next(iter(answer.pages))
    found = getattr(answer, "operation", answer) if hasattr(answer, "add_done_callback") else answer
    plain: dict[str, Any] = json_format.MessageToDict(type(found).pb(found) if hasattr(type(found), "pb") else found)
    return plain


@functools.cache
def _service_of(method: str) -> str:
    from google.cloud import aiplatform_v1

    return next(name for name in _SERVICES if hasattr(getattr(aiplatform_v1, f"{name}Client"), method))


def _snake(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
