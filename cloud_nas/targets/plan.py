"""What would be made of a search at a place: requests, uploads, losses, cost. Plain data, to and from JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cloud_nas.targets.job import JobName


@dataclass(frozen=True)
class Loss:
    """What a conversion could not carry: the key of the spec (`path`, dotted, and its line), and what happens instead."""

    code: str
    path: str
    line: int | None
    what: str
    why: str
    kind: Literal["dropped", "approximated", "added"]


@dataclass(frozen=True)
class Request:
    """One call to a service: `body` is exactly what is sent."""

    service: str
    operation: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file that travels: from a local path to a URI, its size and its sha256 (none: it is not here yet, see `wheels`)."""

    source: str
    destination: str
    bytes: int
    sha256: str = ""


@dataclass(frozen=True)
class Cost:
    """What a plan can cost at most: a `bound` of the caps in the request, or an `estimate`; `formula` is how it comes about."""

    amount: float
    currency: str
    kind: Literal["bound", "estimate"]
    formula: str


@dataclass(frozen=True)
class Remains:
    """What stays at the place when the job has ended; `monthly` is what it costs a month, in US dollars (None: not known)."""

    what: str
    uri: str
    bytes: int | None = None
    monthly: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data, money as all listings have it."""
        monthly = None if self.monthly is None else {"amount": self.monthly, "currency": "USD"}
        return vars(self) | {"monthly": monthly}


@dataclass(frozen=True)
class Plan:
    """What would be made of a job at a place. Empty: nothing of the kind; `max_cost` None: not known.

    `place` is what finds the job again (`Remote.place`): region, bucket, prefix. `permissions` are policies as the place writes
    them, by whose they are (`caller`, `role`). `notes` are for the user to read.
    """

    target: str
    name: JobName | None = None
    requests: tuple[Request, ...] = ()
    uploads: tuple[Upload, ...] = ()
    losses: tuple[Loss, ...] = ()
    max_cost: Cost | None = None
    permissions: Mapping[str, Any] = field(default_factory=dict)
    remains: tuple[Remains, ...] = ()
    place: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The keys that `plan --json` promises, and some more."""
        uploads = [{"from": one.source, "to": one.destination, "bytes": one.bytes, "sha256": one.sha256} for one in self.uploads]
        return dataclasses.asdict(self) | {"uploads": uploads, "remains": [one.to_json() for one in self.remains]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """The plan that `to_json` wrote.

        Raises:
            KeyError, TypeError: it is not one.
        """
        name, cost = value["name"], value["max_cost"]
        return cls(
            target=value["target"],
            name=None if name is None else JobName(**name),
            requests=tuple(Request(**one) for one in value["requests"]),
            uploads=tuple(Upload(one["from"], one["to"], one["bytes"], one["sha256"]) for one in value["uploads"]),
            losses=tuple(Loss(**one) for one in value["losses"]),
            max_cost=None if cost is None else Cost(**cost),
            permissions=value["permissions"],
            remains=tuple(
                Remains(one["what"], one["uri"], one["bytes"], None if one["monthly"] is None else one["monthly"]["amount"])
                for one in value["remains"]
            ),
            place=value["place"],
            notes=tuple(value["notes"]),
        )
