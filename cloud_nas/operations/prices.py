"""`prices`: what is known of the places' prices, and where from; and reading them anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.targets import find, names
from cloud_nas.targets.priced import Price, Priced


@dataclass(frozen=True)
class PriceRow:
    """A price in US dollars, for an hour or for a GB and month; `date` is empty where the user's own table has none."""

    provider: str
    region: str
    what: str
    usd: float
    unit: str
    date: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """The keys that `prices --json` promises of a price."""
        return {**vars(self), "price": {"amount": self.usd, "currency": "USD"}}


def prices(region: str | None = None, *, on: str | None = None) -> list[PriceRow]:
    """Every price that is known, of one region or of all.

    Args:
        region: as its place names it.
        on: a target, whose place alone is asked; None: every place that has prices.

    Raises:
        UsageError: the user's table cannot be read; the target is unknown, or has no prices.
    """
    found = {(one.provider, one.region, one.what): one for priced in _priced(on) for one in priced.prices(region)}
    return [_row(found[key]) for key in sorted(found)]


def refresh(on: str, region: str | None = None) -> list[PriceRow]:
    """Reads a region's prices from the place's public list, keeps them, and gives them.

    Args:
        on: the target.
        region: of the place; None: of its own configuration on this machine.

    Raises:
        UsageError: the target has no prices, or no region is known.
        UnreachableError: the list cannot be reached.
        FailedError: the list is not what it was.
    """
    (priced,) = _priced(on)
    chosen = priced.refresh_prices(region)
    return [one for one in prices(chosen, on=on) if one.region == chosen]


def _priced(on: str | None) -> list[Priced]:
    """The target; or one of each place, by the first word of its targets' names."""
    if on is not None:
        target = find(on)
        if not isinstance(target, Priced):
            raise UsageError(f"{on} has no prices that could be read", hint="--on sagemaker:tuning, or vertex:tuning")
        return [target]
    firsts = {name.partition(":")[0]: name for name in reversed(names())}
    return [target for target in map(find, firsts.values()) if isinstance(target, Priced)]


def _row(price: Price) -> PriceRow:
    return PriceRow(price.provider, price.region, price.what, price.usd, price.unit, price.date, price.source)
