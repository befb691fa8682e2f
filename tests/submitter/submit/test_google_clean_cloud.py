"""`clean --cloud` deletes what a run left at Google, after showing it, and nothing that is not the run's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.errors import RefusedError
from cloud_nas.operations._remote import remote_of
from cloud_nas.runs.registry import Registry
from cloud_nas.states import LIVE
from cloud_nas.targets.remote import Left
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.leftovers import left, remove

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn


def test_only_the_runs_own_objects_go(google_spec: Path, google: StandIn, screen: Callable[..., Any]) -> None:
    run = cn.submit(google_spec, on="vertex:engine")
    root = f"gs://{google.bucket}/cloud-nas"
    shared = set(google.storage.keys(f"{root}/"))
    at_work = screen("clean", "--cloud", run.id, "--yes")
    assert at_work.status == 9 and "at work" in at_work.stderr
    run.cancel()
    google.settle()
    for key in (f"{root}/runs/{run.id}/1/model/model.tar.gz", f"{root}/runs/{run.id}/checkpoints/x", f"{root}/runs/r-other/y"):
        google.storage.put(key, b"12345")
    before = set(google.storage.keys(f"{root}/"))
    deleted = screen("clean", "--cloud", "--yes", "--json")
    assert deleted.status == 0, deleted.stderr
    (one,) = json.loads(deleted.stdout)["cloud"]
    assert one["run_id"] == run.id and {each["uri"] for each in one["objects"]} == before - shared - {f"{root}/runs/r-other/y"}
    assert set(google.storage.keys(f"{root}/")) == shared | {f"{root}/runs/r-other/y"}
    assert any(uri.startswith(f"{root}/data/") for uri in json.loads(deleted.stdout)["shared"])
    assert run.status().state == "cancelled"


def test_automls_data_set_and_model_go_and_nobody_elses(google_table: Path, google: StandIn, screen: Callable[..., Any]) -> None:
    run = cn.submit(google_table, on="vertex:automl", accept_estimate=True)
    other = cn.submit(google_table, on="vertex:automl", accept_estimate=True, fresh=True)
    google.settle()
    assert not {one.state for one in cn.status()} & LIVE
    with Registry() as registry:
        mine, theirs = remote_of(registry.get(run.id)), remote_of(registry.get(other.id))
    kinds = sorted(one.uri.split("/")[-2] for one in left(mine) if one.uri.startswith("projects/"))
    assert kinds == ["datasets", "models"]
    with pytest.raises(RefusedError, match="does not carry the label"):
        remove(mine, left(theirs)[-1:])
    with pytest.raises(RefusedError, match="is not in"):
        remove(mine, [Left(f"gs://{google.bucket}/cloud-nas/data/x", 1)])
    with pytest.raises(RefusedError, match="nothing that a run leaves"):
        remove(mine, [Left("projects/p/locations/l/endpoints/1")])
    kept = left(theirs)
    deleted = screen("clean", "--cloud", run.id, "--yes")
    assert deleted.status == 0, deleted.stderr
    assert left(mine) == [] and left(theirs) == kept
    client = Client(mine.place)
    (data_set,) = [one for page in client.pages("ListDatasets", {"parent": client.parent}) for one in page["datasets"]]
    assert data_set["name"] in {one.uri for one in kept}
