"""What AutoML made: one model, in the service's registry, and what the service measured of it on rows that it kept for that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.states import Best
from cloud_nas.targets.vertex.client import Client

TRIAL = 0
"""The number of AutoML's one model; what it tried before, it does not tell."""


def name_of(found: Mapping[str, Any]) -> str | None:
    """The resource name of the model that a pipeline made."""
    return found.get("modelToUpload", {}).get("name") or None


def model(client: Client, found: Mapping[str, Any]) -> dict[str, Any] | None:
    """A pipeline's model as Google describes it; None where it is not found: just after training it may be late."""
    name = name_of(found)
    if name is None:
        return None
    try:
        return client.call("GetModel", {"name": name})
    except NotFoundError:
        return None


def metrics(client: Client, found: Mapping[str, Any]) -> dict[str, float]:
    """What was measured of a pipeline's model, by the service's own names; nothing where it is not told (yet)."""
    name = name_of(found)
    if name is None:
        return {}
    try:
        evaluations = [
            one for page in client.pages("ListModelEvaluations", {"parent": name}) for one in page.get("modelEvaluations", ())
        ]
    except NotFoundError:
        return {}
    first: Mapping[str, Any] = min(evaluations, key=lambda one: str(one.get("createTime", "")), default={})
    measured = first.get("metrics") or {}
    numbers = {str(name): float(value) for name, value in measured.items() if _is_number(value)}
    return dict(sorted(numbers.items()))


def best_of(found: Mapping[str, Any], measured: Mapping[str, float], metric: str) -> Best | None:
    """The one model, with the service's value of `metric`; None where it has none."""
    name = name_of(found)
    return None if name is None or metric not in measured else Best(TRIAL, measured[metric], {"model": name})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
