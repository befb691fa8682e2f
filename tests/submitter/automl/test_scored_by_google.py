"""`evaluate RUN DATA` of an AutoML run: its service scores the held-out rows once it may; an edge model is scored here."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.models import predictions
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.storage import Storage

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

SIZES = """
name: sizes
task: tabular-classification
data: {source: table.csv, target: kind, split: {test: 0.2, validation: 0.1}}
space: {model: model.py:build}
"""
OPTIONS = ("--yes", "--max-cost", "50", "--accept-estimate", "--json")


def _table(path: Path) -> Path:
    """2,000 rows, whose class can be told from two of the columns; a number is missing here and there."""
    draw = random.Random(7)
    rows = [(draw.random(), draw.choice(["red", "blue, dark"]), draw.random()) for _ in range(2000)]
    lines = [
        f'{x:.6f},"{colour}",{"" if number % 17 == 0 else f"{y:.3f}"},{"big" if x + 0.5 * (colour == "red") > 0.7 else "small"}'
        for number, (x, colour, y) in enumerate(rows)
    ]
    path.write_text("width,colour of it,y,kind\n" + "\n".join(lines) + "\n")
    return path


def _place(cloud: StandIn, **automl: Any) -> str:
    whose = {"project": cloud.project, "location": cloud.location, "bucket": cloud.bucket, "automl": automl}
    return json.dumps({"vertex": whose})


def _submitted(screen: Callable[..., Any], spec: Path) -> str:
    """The run, once its job has ended."""
    submitted = screen("submit", str(spec), "--on", "vertex:automl", "--yes", "--json")
    assert submitted.status == 0, submitted.stderr
    run = str(json.loads(submitted.stdout)["run_id"])
    waited = screen("wait", run)
    assert waited.status == 0, waited.stderr
    return run


def _jobs(cloud: StandIn) -> list[Any]:
    client = Client({"project": cloud.project, "location": cloud.location})
    pages = client.pages("ListBatchPredictionJobs", {"parent": client.parent})
    return [one for page in pages for one in page.get("batchPredictionJobs", ())]


def test_held_out_rows_of_a_table_are_scored_once_and_only_where_that_is_confirmed(
    make_google: Callable[..., StandIn], make_spec: Callable[..., Path], screen: Callable[..., Any], home: Path
) -> None:
    cloud = make_google()
    spec = make_spec(spec=SIZES, targets=_place(cloud))
    table = _table(spec.parent / "table.csv")
    run = _submitted(screen, spec)

    unasked = screen("evaluate", run, str(table))
    assert unasked.status == 9
    assert "not confirmed" in unasked.stderr and "CreateBatchPredictionJob" in unasked.stderr
    assert not _jobs(cloud)

    scored = screen("evaluate", run, str(table), *OPTIONS)
    assert scored.status == 0, scored.stderr
    found = json.loads(scored.stdout)
    assert (found["n"], found["part"]) == (400, "test") and 0.8 < found["metrics"]["accuracy"] <= 1
    held = predictions.read(home / "runs" / run / "candidate" / "predictions.parquet")
    assert held.n == len(set(held.row_id)) == 400 and held.label is not None
    assert found["metrics"]["accuracy"] == pytest.approx(float((held.prediction == held.label).mean()), abs=0.01)
    storage = Storage({"project": cloud.project})
    uris = [one.uri for one in storage.list(f"gs://{cloud.bucket}/") if "/scored/" in one.uri and "/rows/" in one.uri]
    assert uris and not any(word in (storage.read(uri) or b"") for uri in uris for word in (b"big", b"small"))

    again = screen("evaluate", run, str(table), *OPTIONS)
    assert again.status == 0, again.stderr
    assert json.loads(again.stdout)["metrics"] == found["metrics"] and len(_jobs(cloud)) == 1

    fetched = screen("fetch", run, "--json")
    assert fetched.status == 0, fetched.stderr
    assert predictions.read(home / "runs" / run / "candidate" / "predictions.parquet").n == 400  # paid for, so not lost
    assert json.loads(fetched.stdout)["runnable"] is False


@pytest.mark.slow
def test_images_are_scored_there(
    make_google: Callable[..., StandIn], make_spec: Callable[..., Path], screen: Callable[..., Any]
) -> None:
    cloud = make_google(location="europe-west4")
    run = _submitted(screen, make_spec(targets=_place(cloud, model="cloud")))
    scored = screen("evaluate", run, "builtin:digits", *OPTIONS)
    assert scored.status == 0, scored.stderr
    assert json.loads(scored.stdout)["metrics"]["accuracy"] > 0.5


@pytest.mark.slow
def test_an_edge_model_comes_home_and_is_scored_here(
    make_google: Callable[..., StandIn],
    make_spec: Callable[..., Path],
    screen: Callable[..., Any],
    home: Path,
    tmp_path: Path,
) -> None:
    cloud = make_google(location="europe-west4")
    run = _submitted(screen, make_spec(targets=_place(cloud, model="edge-fast")))
    early = screen("evaluate", run, "builtin:digits")
    assert early.status == 1 and f"cloud-nas fetch {run}" in early.stderr
    fetched = screen("fetch", run, "--to", str(tmp_path / "model"), "--json")
    assert fetched.status == 0, fetched.stderr
    assert json.loads(fetched.stdout)["runnable"] is True and (tmp_path / "model" / "model.tflite").is_file()
    kept = predictions.read(home / "runs" / run / "candidate" / "predictions.parquet")
    scored = screen("evaluate", run, "builtin:digits", "--json")
    assert scored.status == 0, scored.stderr
    assert json.loads(scored.stdout)["n"] == kept.n and json.loads(scored.stdout)["metrics"]["accuracy"] > 0.5
    assert not _jobs(cloud)
    predicted = screen("predict", run, "builtin:digits", "--out", str(tmp_path / "all.csv"))
    assert predicted.status == 0, predicted.stderr
