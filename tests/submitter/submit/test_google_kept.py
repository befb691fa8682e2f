"""What a job and its labels tell is the place of its plan, so that an adopted run is priced, watched and fetched as any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import message
from cloud_nas.targets.vertex.jobs import KINDS
from cloud_nas.targets.vertex.kept import place_of

json_format = pytest.importorskip("google.protobuf.json_format")

BASE = "project: my-project, location: us-central1, bucket: my-bucket"
KEY = "projects/my-project/locations/us-central1/keyRings/r/cryptoKeys/k"
PLACES = {
    "plain": "",
    "gpu": ", accelerator: NVIDIA_TESLA_T4, accelerators: 2, spot: true, max_runtime: 1800, parallel: 2",
    "own gpu": ", machine: g2-standard-8, retries: true, volume: 200, prefix: a/runs/b/",
    "company": f", service_account: t@my-project.iam.gserviceaccount.com, network: projects/12/global/networks/n, kms_key: {KEY}",
    "labelled": ", labels: {team: vision, cost_centre: '42'}, prefix: ''",
}
AT_HOME = {"vertex:tuning": (), "vertex:engine": ("parallel",), "vertex:automl": ("classes",)}
"""What only the plan knows, and nobody asks for later."""


@pytest.mark.parametrize("section", PLACES.values(), ids=[name.replace(" ", "-") for name in PLACES])
@pytest.mark.parametrize("on", ["vertex:tuning", "vertex:engine", "vertex:automl"])
def test_the_place_is_read_back(on: str, section: str, make_spec: Callable[..., Path]) -> None:
    plan = cn.plan(_spec(on, section, make_spec), on=on).plan
    kind = KINDS[on.partition(":")[2]]
    bodies = {one.operation: _answered(one.operation, one.body) for one in plan.requests}
    (found,) = (value for key, value in bodies[kind.create].items() if key != "parent")
    found["name"] = f"projects/12/locations/us-central1/{kind.items}/7"
    rows = bodies.get("CreateDataset", {}).get("dataset", {})
    where = {"project": plan.place["project"], "location": plan.place["location"]}
    told = place_of(found, where, naming.told(found["labels"]), data_set=lambda name: rows)
    kept = {key: value for key, value in plan.place.items() if key not in AT_HOME[on] and (on != "vertex:automl" or key in told)}
    assert {key: told.get(key) for key in kept} == kept


def _answered(operation: str, body: Any) -> dict[str, Any]:
    """A request's message as an answer would have it: 64-bit integers as text, zeros left out."""
    found: dict[str, Any] = json_format.MessageToDict(json_format.ParseDict(dict(body), message(operation)()))
    return found


def _spec(on: str, section: str, make_spec: Callable[..., Path]) -> Path:
    targets = f"{{vertex: {{{BASE}{section}}}}}"
    if on != "vertex:automl":
        return make_spec(targets=targets, objective="{metric: loss, goal: minimize}")
    spec = make_spec("table", task="tabular-classification", data="{source: rows.csv, target: y}", targets=targets)
    rows = "".join(f"{number},{number % 7},{'yes' if number % 3 else 'no'}\n" for number in range(1500))
    (spec.parent / "rows.csv").write_text(f"a,b,y\n{rows}")
    return spec
