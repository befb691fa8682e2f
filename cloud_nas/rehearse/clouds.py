"""The clouds that have a stand-in, and what a rehearsal has to know of each."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar, Protocol

_CLOUDS = {
    "sagemaker": "cloud_nas.rehearse.aws.cloud:AWS",
    "vertex": "cloud_nas.rehearse.gcp.cloud:Google",
}


class Faults(Protocol):
    """What a stand-in does to its user: what was asked for, and how often each fault struck."""

    @property
    def asked(self) -> Iterable[str]:
        """By name."""

    @property
    def strikes(self) -> Mapping[str, int]:
        """By name; a fault that never struck counts 0."""


class StandIn(Protocol):
    """A cloud on loopback, at work."""

    @property
    def faults(self) -> Faults:
        """What it does to its user."""


class Cloud(ABC):
    """One cloud: how its stand-in is started, and what sends its clients there.

    A new one: a subclass in `rehearse/<its folder>/cloud.py`, and a line in this file's table.
    """

    section: ClassVar[str]
    """Its section of a spec's `targets`, which is the first word of its targets."""

    needed: ClassVar[Sequence[str]]
    """Modules that the stand-in imports and that the extra `rehearse` brings."""

    own_search: ClassVar[str]
    """What the cloud calls its own AutoML, whose models nobody has: a stand-in's plain ones take their place."""

    @abstractmethod
    def stand_in(self, folder: Path, place: Mapping[str, Any], faults: Sequence[str]) -> AbstractContextManager[StandIn]:
        """A stand-in that really runs jobs.

        Args:
            folder: where it works.
            place: the spec's section, whose region it stands in for, so that it is the region's own image and prices.
            faults: what it is to do to its user.
        """

    @abstractmethod
    def alone(self, cloud: Any) -> AbstractContextManager[None]:
        """Nothing of the user's own account is seen while it lasts, and all clients go to this stand-in."""

    @abstractmethod
    def settings(self, cloud: Any) -> dict[str, Any]:
        """What stands in the spec's section instead of the user's own: bucket, region, whom jobs run as."""


def clouds() -> tuple[str, ...]:
    """The sections of the clouds that have a stand-in."""
    return tuple(_CLOUDS)


def cloud_of(target: str) -> Cloud | None:
    """The cloud that a target is of; None where it has no stand-in."""
    found = _CLOUDS.get(target.partition(":")[0])
    if found is None:
        return None
    module, _, name = found.partition(":")
    cloud: Cloud = getattr(importlib.import_module(module), name)()
    return cloud
