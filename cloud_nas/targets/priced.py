"""A place that knows what it costs: what a cap on the cost, `prices` and `clean --cloud` ask of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cloud_nas.targets.plan import Plan

Origin = Literal["user", "list", "shipped"]


@dataclass(frozen=True)
class Price:
    """US dollars for an hour, or for a GB and month; `date` is ISO (empty: the user's own, undated), `source` who said so."""

    provider: str
    region: str
    what: str
    usd: float
    unit: str
    date: str
    source: str
    origin: Origin

    def to_json(self) -> dict[str, Any]:
        """The keys that `prices --json` promises of a price."""
        kept = {key: value for key, value in vars(self).items() if key != "origin"}
        return {**kept, "price": {"amount": self.usd, "currency": "USD"}}

    def words(self) -> str:
        """`$0.23/h (2026-09-24)`."""
        unit = "h" if self.unit == "hour" else self.unit
        return f"${self.usd:.6g}/{unit} ({self.date or 'your own table'})"


@dataclass(frozen=True)
class Unpriced:
    """Something without a price, in words, and what gives it one."""

    what: str
    way_out: str


class Priced(ABC):
    """The place has prices."""

    @abstractmethod
    def prices(self, region: str | None = None) -> list[Price]:
        """Every price that is known, of one region or of all.

        Raises:
            UsageError: the user's table cannot be read.
        """

    @abstractmethod
    def refresh_prices(self, region: str | None = None) -> str:
        """Reads a region's prices from the place's public list and keeps them; gives the region (None: the configured one).

        Raises:
            UsageError: no region is known.
            UnreachableError: the list cannot be reached.
            FailedError: the list is not what it was.
        """

    @abstractmethod
    def unpriced(self, place: Mapping[str, Any]) -> Unpriced | None:
        """The first thing without a price that a job at this place needs; None where all are known."""

    @abstractmethod
    def what_fits(self, plan: Plan, max_cost: float) -> str:
        """Which caps would cost no more than `max_cost`, as a hint: the largest trials and `max_runtime`, each with the other."""

    @abstractmethod
    def monthly(self, place: Mapping[str, Any], bytes: int) -> float | None:
        """What so many bytes in the bucket cost a month, in US dollars; None where that is not known."""
