"""SageMaker's prices as every place gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.targets.fitting import would_allow, would_fit
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.priced import Price, Unpriced
from cloud_nas.targets.sagemaker import cost
from cloud_nas.targets.sagemaker import prices as known

_CALLED = {known.STORAGE: "a training job's disk", known.S3: "S3"}


def prices(region: str | None = None) -> list[Price]:
    """Every price that is known, of one region or of all.

    Raises:
        UsageError: the user's table cannot be read.
    """
    return known.TABLE.known(region)


def refresh(region: str | None = None) -> str:
    """Reads a region's prices from AWS's public list and keeps them; gives the region.

    Args:
        region: of AWS; None: of its own configuration on this machine.

    Raises:
        UsageError: no region is known.
        UnreachableError: the list cannot be reached.
        FailedError: the list is not what it was.
    """
    from cloud_nas.targets.sagemaker import price_list
    from cloud_nas.targets.sagemaker.client import default_region

    chosen = region or default_region()
    if chosen is None:
        raise UsageError("no region is known here", hint="--region eu-west-1")
    price_list.refresh(chosen)
    return chosen


def unpriced(place: Mapping[str, Any]) -> Unpriced | None:
    """The first thing without a price that a job at this place needs; None where all are known."""
    what, region = cost.missing(place), str(place.get("region", ""))
    return None if what is None else Unpriced(f"{_CALLED.get(what, what)} in {region}", known.way_out(region, what))


def what_fits(plan: Plan, max_cost: float) -> str:
    """The largest number of trials and the longest run time that would do, each with the other as it is."""
    caps = next((found for request in plan.requests if (found := cost.caps_of(request)) is not None), None)
    if caps is None or cost.missing(plan.place) is not None:
        return would_allow(plan)
    trials, runtime = cost.fitting(plan.place["region"], caps, max_cost)
    return would_fit(None if caps.jobs == 1 else trials, runtime, "targets.sagemaker", "instance")


def monthly(place: Mapping[str, Any], bytes: int) -> float | None:
    """What so many bytes in the bucket cost a month, in US dollars; None where that is not known."""
    return cost.monthly(str(place.get("region", "")), bytes)
