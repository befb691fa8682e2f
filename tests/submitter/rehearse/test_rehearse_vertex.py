"""`rehearse` on Vertex AI: a whole job offline, over HTTP, with Google's own clients."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.models import predictions
from cloud_nas.operations.rehearse import FAULTS, rehearse

from .samples import CANCER, CANCER_MODEL, REVIEWS, REVIEWS_MODEL, SIZES, SKLEARN_MODEL, write_reviews, write_table

pytest.importorskip("google.cloud.aiplatform_v1")

STEPS = ["plan", "submit", "wait", "status", "trials", "logs", "fetch"]
BREAST_CANCER = "builtin:breast_cancer"
HELD_OUT = {BREAST_CANCER: 57, "builtin:digits": 180, "reviews.csv": 18}


@pytest.fixture
def make(make_spec: Callable[..., Path]) -> Callable[[str], tuple[Path, str]]:
    """Writes a spec of a kind of data; gives it and the data that it is of."""

    def make(kind: str) -> tuple[Path, str]:
        if kind == "text":
            spec = make_spec(spec=REVIEWS, model=REVIEWS_MODEL)
            return spec, str(write_reviews(spec.parent / "reviews.csv"))
        if kind in ("table", "sklearn"):
            model, train = (CANCER_MODEL, {}) if kind == "table" else (SKLEARN_MODEL, {"train": "{}"})
            return make_spec(spec=CANCER, model=model, **train), BREAST_CANCER
        return make_spec(), "builtin:digits"

    return make


def test_tuning_is_rehearsed_and_the_fetched_model_scores_what_its_trial_recorded(make_spec: Callable[..., Path]) -> None:
    said: list[str] = []
    spec = make_spec(targets="{vertex: {parallel: 2}}")
    done = rehearse(spec, on="vertex:tuning", faults=["lost-reply"], rows=300, max_trials=2, note=said.append)
    assert done.passed, said
    assert [step.name for step in done.steps] == [*STEPS, "predict"]
    assert done.trials.done == 2 and done.best is not None
    scored = cn.evaluate(done.run_id, "builtin:digits", part="validation")
    assert scored.metrics["accuracy"] == pytest.approx(done.best.value, abs=1e-7)
    (run,) = cn.status()
    assert (run.rehearsed, run.state, run.target) == (True, "succeeded", "vertex:tuning")
    assert done.faults == {"lost-reply": 1}


def test_automl_is_rehearsed_on_a_table_and_says_that_its_models_are_a_stand_ins(
    make_spec: Callable[..., Path], screen: Callable[..., Any]
) -> None:
    spec = make_spec(spec=SIZES)
    write_table(spec.parent / "table.csv", rows=2000)
    shown = screen("rehearse", str(spec), "--on", "vertex:automl", "--json")
    assert shown.status == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["stand_in"] and told["passed"]
    assert [step["name"] for step in told["steps"]] == [*STEPS, "evaluate"]
    assert 0.7 < told["metrics"]["accuracy"] <= 1
    (run,) = cn.status()
    assert run.rehearsed and "stood in for AutoML" in (run.note or "")


def test_an_account_of_the_users_is_neither_seen_nor_touched(
    make_spec: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment had of Google is there again afterwards, whatever happened."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/the/users/own.json")
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", "http://127.0.0.1:9")
    before = dict(os.environ)
    with pytest.raises(cn.CloudNasError):
        rehearse(make_spec(spec=REVIEWS), on="vertex:automl")
    assert dict(os.environ) == before


@pytest.mark.parametrize("command", ["plan", "rehearse"])
@pytest.mark.parametrize(("kind", "reason"), [("table", "needs 1,000"), ("text", "texts is no longer offered")])
def test_automl_refuses_what_the_service_would_and_says_what_would_do(
    command: str, kind: str, reason: str, make: Callable[[str], tuple[Path, str]], screen: Callable[..., Any]
) -> None:
    spec, _ = make(kind)
    spec.write_text(f"{spec.read_text()}targets: {{vertex: {{project: my-project, location: us-central1, bucket: my-bucket}}}}\n")
    shown = screen(command, str(spec), "--on", "vertex:automl")
    assert shown.status == 2, shown.stderr
    assert reason in shown.stderr and "vertex:tuning" in shown.stderr
    assert cn.status() == []


@pytest.mark.slow
@pytest.mark.parametrize("on", ["vertex:tuning", "vertex:engine"])
@pytest.mark.parametrize("kind", ["table", "sklearn", "text", "image"])
def test_a_fetched_model_scores_the_held_out_rows(
    on: str, kind: str, make: Callable[[str], tuple[Path, str]], tmp_path: Path
) -> None:
    spec, data = make(kind)
    said: list[str] = []
    done = rehearse(spec, on=on, max_trials=2, note=said.append)
    assert done.passed, said
    assert done.trials.done == 2
    fetched = cn.fetch(done.run_id, to=tmp_path / "fetched")
    held = predictions.read(fetched.dir / "predictions.parquet")
    assert (fetched.part, held.n) == ("test", HELD_OUT[Path(data).name])
    scored = cn.evaluate(done.run_id, data)
    assert dict(scored.metrics) == pytest.approx(dict(fetched.metrics), abs=1e-7)
    assert scored.metrics["accuracy"] > {"text": 0.6, "image": 0.5}.get(kind, 0.85)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["cloud", "edge-fast"])
def test_automl_takes_images_and_an_edge_model_is_scored_here(model: str, make_spec: Callable[..., Path]) -> None:
    said: list[str] = []
    done = rehearse(make_spec(targets=f"{{vertex: {{automl: {{model: {model}}}}}}}"), on="vertex:automl", note=said.append)
    assert done.passed and done.stand_in, said
    assert done.metrics["accuracy"] > 0.5
    assert done.model is not None
    assert predictions.read(Path(done.model) / "predictions.parquet").n == HELD_OUT["builtin:digits"]


@pytest.mark.slow
def test_the_engine_is_rehearsed_through_a_preemption(make_spec: Callable[..., Path]) -> None:
    done = rehearse(make_spec(train="{epochs: 4, batch_size: 16}"), on="vertex:engine", faults=["preempt"], rows=600)
    assert done.passed
    assert done.faults["preempt"] > 0
    assert done.trials.done == 2


@pytest.mark.slow
def test_tuning_survives_all_faults_at_once(make_spec: Callable[..., Path]) -> None:
    done = rehearse(make_spec(), on="vertex:tuning", faults=FAULTS, rows=300, max_trials=4)
    assert done.passed
    assert all(done.faults.values()), done.faults
    assert (done.trials.done, done.trials.failed) == (3, 1)


def test_what_cannot_be_rehearsed_is_said_with_what_can(make_spec: Callable[..., Path], screen: Callable[..., Any]) -> None:
    shown = screen("rehearse", str(make_spec()), "--on", "vertex:moon")
    assert shown.status == 2
    assert "sagemaker:tuning" in shown.stderr and "vertex:engine" in shown.stderr
