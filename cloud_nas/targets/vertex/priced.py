"""Vertex AI's prices as every place gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.targets.fitting import would_allow, would_fit
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.priced import Price, Unpriced
from cloud_nas.targets.vertex import cost
from cloud_nas.targets.vertex import prices as known
from cloud_nas.targets.vertex.task_inputs import BUDGETS, TABULAR

_CALLED = {
    known.STORAGE: "a job's disk",
    known.GCS: "Cloud Storage",
    known.AUTOML_TABULAR: "AutoML for tables",
    known.AUTOML_IMAGE: "AutoML for images",
    known.AUTOML_EDGE: "AutoML for edge models",
}


def prices(region: str | None = None) -> list[Price]:
    """Every price that is known, of one location or of all.

    Raises:
        UsageError: the user's table cannot be read.
    """
    return known.TABLE.known(region)


def refresh(region: str | None = None) -> str:
    """Reads a location's prices from Google's list and keeps them; gives the location.

    Args:
        region: of Google; None: of its own configuration on this machine.

    Raises:
        UsageError: no location is known.
        UnreachableError: the list cannot be reached.
        FailedError: the list is not what it was.
    """
    from cloud_nas.targets.vertex.configuration import default_location
    from cloud_nas.targets.vertex.price_list import refresh as read

    chosen = region or default_location()
    if chosen is None:
        raise UsageError("no region is known here", hint="--region europe-west4")
    read(chosen)
    return chosen


def unpriced(place: Mapping[str, Any]) -> Unpriced | None:
    """The first thing without a price that a job at this place needs; None where all are known."""
    what, location = cost.missing(place), str(place.get("location", ""))
    return None if what is None else Unpriced(f"{_CALLED.get(what, what)} in {location}", known.way_out(location, what))


def what_fits(plan: Plan, max_cost: float) -> str:
    """The largest number of trials and the longest run time that would do, each with the other as it is; of AutoML the budget."""
    if cost.missing(plan.place) is not None:
        return would_allow(plan)
    caps = next((found for request in plan.requests if (found := cost.caps_of(request)) is not None), None)
    if caps is None:
        hours = _node_hours(plan, max_cost)
        return would_allow(plan) if hours is None else f"would fit: targets.vertex.automl.node_hours: {hours:g}"
    trials, runtime = cost.fitting(str(plan.place["location"]), caps, max_cost)
    one_job = any(request.operation == "CreateCustomJob" for request in plan.requests)
    return would_fit(None if one_job else trials, runtime, "targets.vertex", "machine")


def _node_hours(plan: Plan, max_cost: float) -> float | None:
    """The largest budget of AutoML that would do, to a tenth of an hour; None: not even the service's least, or no AutoML job."""
    body = next((request.body for request in plan.requests if request.operation == "CreateTrainingPipeline"), None)
    price = known.find(str(plan.place["location"]), cost.node_of(plan.place))
    if body is None or price is None:
        return None
    kind = body["trainingPipeline"]["trainingTaskInputs"].get("modelType", TABULAR)
    hours = math.floor(max_cost / price.usd * 10 + 1e-9) / 10
    return hours if hours * 1000 >= BUDGETS[kind][0] else None


def monthly(place: Mapping[str, Any], bytes: int) -> float | None:
    """What so many bytes in the bucket cost a month, in US dollars; None where that is not known."""
    return cost.monthly(str(place.get("location", "")), bytes)
