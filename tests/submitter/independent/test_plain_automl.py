"""AutoML against a server that was written without looking at ours: a table is scored there, an edge model comes home."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.cloud.aiplatform_v1")

from cloud_nas.models import predictions

from ..automl.tflite_made import content, with_labels
from .plain_automl import PlainAutoML
from .plain_google import BUCKET

TABLE = """
name: sizes
task: tabular-classification
data: {source: table.csv, target: kind, split: {test: 0.2, validation: 0.1}}
space: {model: model.py:build}
"""
SCORE = ("--yes", "--max-cost", "50", "--accept-estimate", "--json")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PlainAutoML]:
    """The server, with Google's clients sent there as a user would."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)
    with PlainAutoML() as server:
        monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", server.url)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no-gcloud"))
        monkeypatch.setenv("CLOUD_NAS_GCP_RATE", "0")
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        yield server


def place(**automl: Any) -> str:
    return json.dumps({"vertex": {"project": "my-project", "location": "us-central1", "bucket": BUCKET, "automl": automl}})


def submitted(screen: Callable[..., Any], spec: Path, server: PlainAutoML) -> str:
    found = screen("submit", str(spec), "--on", "vertex:automl", "--yes", "--json")
    assert found.status == 0, found.stderr
    again = screen("submit", str(spec), "--on", "vertex:automl", "--yes", "--json")
    run = str(json.loads(found.stdout)["run_id"])
    assert json.loads(again.stdout)["run_id"] == run
    assert sum("/trainingPipelines/" in name for name in server.made) == 1
    assert sum("/datasets/" in name for name in server.made) == 1
    server.train()
    waited = screen("wait", run)
    assert waited.status == 0, waited.stderr
    return run


def test_a_tables_held_out_rows_are_scored_there_once(
    server: PlainAutoML, make_spec: Callable[..., Path], screen: Callable[..., Any], home: Path
) -> None:
    draw = random.Random(3)
    colours = [draw.choice(["red", "blue, dark"]) for _ in range(1500)]
    lines = [f'{draw.random():.9f},"{one}",{"big" if (one == "red") != (draw.random() < 0.1) else "small"}' for one in colours]
    spec = make_spec(spec=TABLE, targets=place())
    (spec.parent / "table.csv").write_text("width,colour of it,kind\n" + "\n".join(lines) + "\n")
    run = submitted(screen, spec, server)
    scored = screen("evaluate", run, str(spec.parent / "table.csv"), *SCORE)
    assert scored.status == 0, scored.stderr
    told = json.loads(scored.stdout)
    assert told["n"] == 300 and 0.8 < told["metrics"]["accuracy"] < 1
    again = screen("evaluate", run, str(spec.parent / "table.csv"), *SCORE)
    assert json.loads(again.stdout) == told and sum("/batchPredictionJobs/" in name for name in server.made) == 1
    fetched = screen("fetch", run, "--json")
    assert fetched.status == 0, fetched.stderr
    assert json.loads(fetched.stdout)["metrics"]["auRoc"] == 0.75
    assert predictions.read(home / "runs" / run / "candidate" / "predictions.parquet").n == 300


@pytest.mark.slow
def test_an_edge_model_comes_home_and_is_scored_here(
    server: PlainAutoML, make_spec: Callable[..., Path], screen: Callable[..., Any], home: Path, tmp_path: Path
) -> None:
    file = with_labels(tmp_path / "edge", content(whole=True), [f"c_{number}" for number in range(10)])
    server.edge = file.read_bytes()
    run = submitted(screen, make_spec(targets=place(model="edge-fast")), server)
    fetched = screen("fetch", run, "--to", str(tmp_path / "came"), "--json")
    assert fetched.status == 0, fetched.stderr
    assert json.loads(fetched.stdout)["runnable"] is True
    assert (tmp_path / "came" / "model.tflite").read_bytes() == server.edge
    kept = predictions.read(home / "runs" / run / "candidate" / "predictions.parquet")
    scored = screen("evaluate", run, "builtin:digits", "--json")
    assert scored.status == 0, scored.stderr
    assert json.loads(scored.stdout)["n"] == kept.n
    assert not any("/batchPredictionJobs/" in name for name in server.made)
