"""`prices`: what is known of a place's prices, and where from; and reading them anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import UsageError

_PRICED = ("sagemaker:",)


@dataclass(frozen=True)
class PriceRow:
    """A price in US dollars, for an hour or for a GB and month; `date` is empty where the user's own table has none."""

    region: str
    what: str
    usd: float
    unit: str
    date: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """The keys that `prices --json` promises of a price."""
        return {**vars(self), "price": {"amount": self.usd, "currency": "USD"}}


def prices(region: str | None = None) -> list[PriceRow]:
    """Every price that is known, of one region or of all.

    Raises:
        UsageError: the user's table cannot be read.
    """
    from cloud_nas.targets.sagemaker import prices as known

    wanted = known.regions() if region is None else (region,)
    rows = [price for one in wanted for price in known.table(one).values()]
    rows.sort(key=lambda price: (price.region, price.what))
    return [PriceRow(one.region, one.what, one.usd, one.unit, one.date, one.source) for one in rows]


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
    if not on.startswith(_PRICED):
        raise UsageError(f"{on} has no prices that could be read", hint="--on sagemaker:tuning")
    from cloud_nas.targets.sagemaker import price_list
    from cloud_nas.targets.sagemaker.client import default_region

    chosen = region or default_region()
    if chosen is None:
        raise UsageError("no region is known here", hint="--region eu-west-1")
    price_list.refresh(chosen)
    return prices(chosen)
