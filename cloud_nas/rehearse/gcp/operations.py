"""Long-running operations: what Google goes on with after it has answered, whether anybody asks or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

from cloud_nas.rehearse.gcp.answers import CODES, Refused
from cloud_nas.rehearse.gcp.world import World, at_text

COLLECTION = "operations"
_TYPE = "type.googleapis.com/google.cloud.aiplatform.v1."
_EMPTY = "type.googleapis.com/google.protobuf.Empty"

Done = tuple[str | None, Mapping[str, Any], Mapping[str, Any]]
"""The kind of the response (None: it is empty), the response, and what the metadata tell besides."""


class Operation:
    """One operation: never done in its first answer; done when the next request comes, unless it takes longer.

    Args:
        world: what it is in.
        owner: the name of the resource that it is about.
        kind: as its metadata are called (`CreateDataset`).
        work: does it; a ValueError, or a refusal, is how it fails.
        long: the work takes its time, and has a thread of its own, which does not hold the world's lock.
    """

    def __init__(self, world: World, owner: str, kind: str, work: Callable[[], Done], *, long: bool = False) -> None:
        self.world, self.owner, self.kind, self.created = world, owner, kind, world.clock.now()
        self.name = f"{owner}/operations/{world.name(COLLECTION).rpartition('/')[2]}"
        self._work = work
        self._done: Done | None = None
        self._error: tuple[str, str] | None = None
        self._thread = Thread(target=self._do, daemon=True) if long else None
        world.add(COLLECTION, self)
        if self._thread is not None:
            self._thread.start()

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self._done is None and self._error is None

    def move(self, now: float) -> None:
        """Does it, where no thread does."""
        if self._thread is None and now >= self.created:
            self._do()

    def describe(self) -> dict[str, Any]:
        """A `google.longrunning.Operation`."""
        response, value, told = self._done or (None, {}, {})
        times = {"createTime": at_text(self.created), "updateTime": at_text(self.created)}
        metadata = {"@type": f"{_TYPE}{self.kind}OperationMetadata", "genericMetadata": times, **told}
        found: dict[str, Any] = {"name": self.name, "metadata": metadata}
        if self._error is not None:
            return found | {"done": True, "error": {"code": CODES[self._error[0]], "message": self._error[1]}}
        if self._done is None:
            return found
        kind = _EMPTY if response is None else f"{_TYPE}{response}"
        return found | {"done": True, "response": {"@type": kind, **value}}

    def _do(self) -> None:
        try:
            self._done = self._work()
        except (Refused, ValueError) as error:
            self._error = ("INVALID_ARGUMENT", str(error))
        except Exception as error:  # noqa: BLE001 - a defect of the stand-in ends the operation, so that nobody waits for it
            self._error = ("INTERNAL", f"the stand-in failed: {error!r}")


def find(world: World, name: str) -> Operation:
    """An operation by its whole name.

    Raises:
        Refused: 404.
    """
    found = world.find(f"{world.parent}/{COLLECTION}/{name.rpartition('/')[2]}")
    assert isinstance(found, Operation)
    return found


def about(world: World, owner: str) -> list[Operation]:
    """All operations on a resource, the newest first."""
    return [one for one in world.all(COLLECTION) if one.owner == owner]
