"""A search's space as Vertex AI's tuner gets it: a tree, in which what is conditional stands under its parent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.search_terms import wanted_trials
from cloud_nas.targets.vertex.tuning_conditions import Place, places
from cloud_nas.targets.vertex.tuning_values import Values
from local_engine.containers.parameters import remote_names

_SCALES = {"linear": "UNIT_LINEAR_SCALE", "log": "UNIT_LOG_SCALE", "reverse_log": "UNIT_REVERSE_LOG_SCALE"}
_CONDITIONS = {"integer": "parentIntValues", "discrete": "parentDiscreteValues", "categorical": "parentCategoricalValues"}


@dataclass(frozen=True)
class Node:
    """One hyperparameter of the tree: where it stands, the name that is sent, and what stands under it."""

    place: Place
    remote: str
    values: Values
    children: tuple[Node, ...]


def listed(job: Job) -> bool:
    """Whether only what a grid at home tries is sent: the service's grid takes no doubles."""
    return job.definition.search.strategy == "grid"


def sent(job: Job) -> tuple[Place, ...]:
    """What is searched, in the space's order: all but what has one value, or can never be active."""
    assert job.space is not None, "a plan for a tuner is made with a space"
    return tuple(one for one in places(job.space, listed=listed(job)) if one.values is not None)


def names(job: Job) -> dict[str, str]:
    """The name that each key is sent under.

    Several definitions of a name bear it alike where they stand under one parent, each under other values of it, as the service
    allows; elsewhere the second is `name@2`.
    """
    assert job.space is not None
    found = remote_names(job.space.keys)
    by_name: dict[str, list[Place]] = {}
    for one in sent(job):
        by_name.setdefault(one.parameter.name, []).append(one)
    for name, several in by_name.items():
        if len(several) > 1 and _can_share(several):
            found |= dict.fromkeys((one.key for one in several), found[name])
    return {one.key: found[one.key] for one in sent(job)}


def tree(job: Job) -> tuple[Node, ...]:
    """What stands at the top, with all that stands under it."""
    return _under(None, sent(job), names(job))


def parameters(nodes: Iterable[Node]) -> list[dict[str, Any]]:
    """ParameterSpecs."""
    return [_parameter(node) for node in nodes]


def combinations(nodes: Iterable[Node]) -> int | None:
    """How many configurations a tree has; None where there is no end of them."""
    counts = [_configurations(node) for node in nodes]
    return math.prod(count for count in counts if count is not None) if None not in counts else None


def jobs(job: Job) -> int:
    """How many trials there will be at most: as at home, where none is tried twice; a grid ends with its last."""
    caps = wanted_trials(job)
    if listed(job):
        caps = [job.definition.budget.trials, combinations(tree(job))]
    return min(cap for cap in caps if cap is not None)


def _under(parent: str | None, found: Sequence[Place], remotes: Mapping[str, str]) -> tuple[Node, ...]:
    return tuple(
        Node(one, remotes[one.key], one.values, _under(one.key, found, remotes))
        for one in found
        if one.parent == parent and one.values is not None
    )


def _can_share(several: Sequence[Place]) -> bool:
    """Whether they stand under one parent, never two at once."""
    values = [value for one in several for value in one.when]
    return several[0].parent is not None and len({one.parent for one in several}) == 1 and len(set(values)) == len(values)


def _parameter(node: Node) -> dict[str, Any]:
    values = node.values
    found: dict[str, Any] = {"parameterId": node.remote}
    if values.kind in ("double", "integer"):
        found[f"{values.kind}ValueSpec"] = {"minValue": values.low, "maxValue": values.high}
    else:
        found[f"{values.kind}ValueSpec"] = {"values": list(values.listed)}
    if values.kind != "categorical":
        found["scaleType"] = _SCALES[values.scale]
    if node.children:
        found["conditionalParameterSpecs"] = [
            {_CONDITIONS[values.kind]: {"values": list(child.place.when)}, "parameterSpec": _parameter(child)}
            for child in node.children
        ]
    return found


def _configurations(node: Node) -> int | None:
    """Those of one hyperparameter and what stands under it: only values that wake something are looked at one by one."""
    count = node.values.count
    if count is None:
        return None
    waking = {value for child in node.children for value in child.place.when}
    total = count - len(waking)
    for value in waking:
        below = combinations(child for child in node.children if value in child.place.when)
        if below is None:
            return None
        total += below
    return total
