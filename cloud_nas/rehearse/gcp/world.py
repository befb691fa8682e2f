"""The project as Vertex AI sees it: resources by name, what goes on with them, and time, which moves them on."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from cloud_nas.rehearse.clock import Clock, moment
from cloud_nas.rehearse.gcp.answers import Refused
from cloud_nas.rehearse.gcp.objects import Objects

PROJECT_NUMBER = "123456789012"


class Resource(Protocol):
    """Something with a name of the service's making."""

    name: str
    created: float

    @property
    def live(self) -> bool:
        """Whether time still changes it."""

    def move(self, now: float) -> None:
        """Lets happen what was to happen until now."""

    def describe(self) -> dict[str, Any]:
        """As the service tells it, in JSON."""


class World:
    """All that there is. Every call into it holds `lock`.

    Args:
        clock: the time.
        objects: the account's.
        project: its id.
        location: the region that it is asked in.
    """

    def __init__(self, clock: Clock, objects: Objects, project: str, location: str) -> None:
        self.clock, self.objects, self.project, self.location = clock, objects, project, location
        self.lock = threading.RLock()
        self.logs: list[dict[str, Any]] = []
        self._numbers = itertools.count(1_000_000_000_000_001, 7)
        self._kept: dict[str, dict[str, Any]] = {}
        self._hidden: Callable[[Any], bool] = lambda resource: False

    @property
    def parent(self) -> str:
        """What all resources are in."""
        return f"projects/{PROJECT_NUMBER}/locations/{self.location}"

    def name(self, collection: str) -> str:
        """A new one."""
        return f"{self.parent}/{collection}/{next(self._numbers)}"

    def add(self, collection: str, resource: Any) -> None:
        """Something new."""
        self._kept.setdefault(collection, {})[_number(resource.name)] = resource

    def find(self, name: str) -> Any:
        """A resource by its name; the project may stand there by its id or by its number.

        Raises:
            Refused: 404.
        """
        parts = name.split("/")
        found = None
        if len(parts) >= 6 and parts[1] in (self.project, PROJECT_NUMBER) and parts[3] == self.location:
            found = self._kept.get(parts[4], {}).get(parts[5].partition("@")[0])
        if found is None:
            raise Refused(404, f"The resource {name} does not exist.")
        return found

    def remove(self, name: str) -> None:
        """Forgets a resource; raises as `find`."""
        found = self.find(name)
        del self._kept[name.split("/")[4]][_number(found.name)]

    def all(self, collection: str) -> list[Any]:
        """All of a kind, the newest first."""
        return [one for one in reversed(self._kept.get(collection, {}).values()) if not self._hidden(one)]

    def check_parent(self, name: str) -> None:
        """Ends here where a collection is none of this project's and region's.

        Raises:
            Refused: 403 or 404, as the service would.
        """
        parts = name.split("/")
        if parts[1] not in (self.project, PROJECT_NUMBER):
            raise Refused(403, f"Permission denied on resource project {parts[1]}.")
        if parts[3] != self.location:
            raise Refused(404, f"Location {parts[3]} is not where this stand-in is.")

    @contextmanager
    def hiding(self, hidden: Callable[[Any], bool]) -> Iterator[None]:
        """For a time, lists do not know these resources."""
        self._hidden = hidden
        try:
            yield
        finally:
            self._hidden = lambda resource: False

    def anything_live(self) -> bool:
        """Whether something goes on."""
        return any(one.live for kept in self._kept.values() for one in kept.values())

    def advance(self) -> None:
        """Lets happen what was to happen until now."""
        now = self.clock.now()
        for _ in range(2):  # what ends may begin something else
            for kept in list(self._kept.values()):
                for one in list(kept.values()):
                    if one.live:
                        one.move(now)

    def log(self, at: float, job: str, text: str, labels: Mapping[str, str] | None = None) -> None:
        """A line that a job printed."""
        self.logs.append(
            {
                "insertId": f"{len(self.logs):012d}",
                "logName": f"projects/{self.project}/logs/workerpool0-0",
                "timestamp": at_text(at),
                "receiveTimestamp": at_text(at),
                "severity": "INFO",
                "textPayload": text,
                "resource": {
                    "type": "ml_job",
                    "labels": {"job_id": job, "project_id": self.project, "task_name": "workerpool0-0"},
                },
                "labels": dict(labels or {}),
            }
        )


def at_text(at: float) -> str:
    """A time as Google's answers have it."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(name: str) -> str:
    return name.rpartition("/")[2]
