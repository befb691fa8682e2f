"""Jobs for AutoML as a target plans them, made of nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job, JobName, Rows
from cloud_nas.targets.plan import Plan
from local_engine.definition import Budget, Code, Data, Definition, ModelSpace, Objective, Search
from local_engine.metrics import METRICS

NONE = Budget()
PLACE = {"project": "my-project", "location": "europe-west4", "bucket": "my-bucket"}
TWO = {"no": (700, 200), "yes": (300, 100)}
THREE = {"a": (400, 100), "b": (400, 100), "c": (200, 100)}
DIGITS = {str(digit): (100, 30) for digit in range(10)}
COLUMNS = {"age": "number", "job title": "category", "since": "date", "active": "boolean", "words": "text"}
LOST = {"CN351", "CN352", "CN353", "CN354", "CN359"}
"""What no job of AutoML can carry."""

_ROWS = Parcel(Path("/cache/rows"), (ParcelFile("names.json", "a" * 64, 80), ParcelFile("rows.csv", "b" * 64, 9000)))
_IMAGES = Parcel(
    Path("/cache/images"), (ParcelFile("images.csv", "c" * 64, 80), ParcelFile("images/00000000.png", "d" * 64, 9000))
)
_IMPORT = Parcel(Path("/cache/import"), (ParcelFile("import.csv", "e" * 64, 300),))


def job(
    *,
    kind: Any = "table",
    classes: Mapping[str, tuple[int, int]] | None = None,
    metric: str = "accuracy",
    budget: Budget = NONE,
    place: Mapping[str, Any] = {},
    automl: Mapping[str, Any] = {},
    **changes: Any,
) -> Job:
    """A job; `classes` None is a regression, `automl` the section of that name."""
    task: Any = {"image": "image-classification", "text": "text-classification"}.get(
        kind, "tabular-regression" if classes is None else "tabular-classification"
    )
    definition = Definition(
        name="it",
        task=task,
        data=Data("/data/rows.csv", "Net Income"),
        objective=Objective(metric, METRICS[metric].goal),
        space=ModelSpace("/code/model.py", "build"),
        search=Search("bayesian", 7),
        budget=budget,
        code=Code("/code"),
    )
    target = find("vertex:automl")
    assert isinstance(target, Submits)
    section = {"model": "cloud", "node_hours": None, "objective": None, **automl}
    counts = (1000, 300) if classes is None else tuple(sum(one) for one in zip(*classes.values(), strict=True))
    whole = Job(
        definition,
        JobName("r-7k2xq", 1, "nonce", "me"),
        Rows(kind, *counts, 100, classes, COLUMNS if kind == "table" else {}, "f" * 64),
        place=target.settings({**PLACE, "automl": section, **place}),
        parcels={"rows": _IMAGES, "import": _IMPORT} if kind == "image" else {"rows": _ROWS},
        lines={"space.model": 6, "search.strategy": 7, "targets.vertex.machine": 12},
        tags={"name": "it", "spec": "s" * 64, "identity": "i" * 64},
    )
    return dataclasses.replace(whole, **changes)


def plan(**asked: Any) -> Plan:
    """What would be made of it."""
    return find("vertex:automl").plan(job(**asked))


def bodies(made: Plan) -> list[Mapping[str, Any]]:
    """The requests' bodies."""
    return [one.body for one in made.requests]


def pipeline(made: Plan) -> Mapping[str, Any]:
    """The training pipeline."""
    found: Mapping[str, Any] = made.requests[-1].body["trainingPipeline"]
    return found
