"""Each kind of data at each target: what comes home is scored on the held-out rows, and scores the same when asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.models import predictions
from cloud_nas.operations.rehearse import rehearse
from cloud_nas.operations.show import ShownTrial

from .samples import CANCER, CANCER_MODEL, REVIEWS, REVIEWS_MODEL, SKLEARN_MODEL, write_reviews

pytest.importorskip("sagemaker_training")

BREAST_CANCER, DIGITS = "builtin:breast_cancer", "builtin:digits"
HELD_OUT = {BREAST_CANCER: 57, DIGITS: 180, "reviews.csv": 18}


@pytest.fixture
def make(make_spec: Callable[..., Path]) -> Callable[[str], tuple[Path, str]]:
    """Writes a spec of a kind of data; gives it and the data that it is of."""

    def make(kind: str) -> tuple[Path, str]:
        if kind == "text":
            spec = make_spec(spec=REVIEWS, model=REVIEWS_MODEL)
            return spec, str(write_reviews(spec.parent / "reviews.csv"))
        if kind == "table":
            return make_spec(spec=CANCER, model=CANCER_MODEL), BREAST_CANCER
        if kind == "sklearn":
            return make_spec(spec=CANCER, model=SKLEARN_MODEL, train="{}"), BREAST_CANCER
        return make_spec(), DIGITS

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("on", "kind"),
    [
        ("sagemaker:tuning", "table"),
        ("sagemaker:tuning", "sklearn"),
        ("sagemaker:tuning", "text"),
        ("sagemaker:engine", "table"),
        ("sagemaker:engine", "sklearn"),
        ("sagemaker:engine", "text"),
        ("sagemaker:engine", "image"),
    ],
)
def test_a_fetched_model_scores_the_held_out_rows(
    on: str, kind: str, make: Callable[[str], tuple[Path, str]], tmp_path: Path
) -> None:
    spec, data = make(kind)
    said: list[str] = []
    done = rehearse(spec, on=on, max_trials=2, note=said.append)
    assert done.passed, said
    assert done.trials.done == 2
    fetched = cn.fetch(done.run_id, to=tmp_path / "fetched")
    assert fetched.part == "test"
    held = predictions.read(fetched.dir / "predictions.parquet")
    assert held.n == HELD_OUT[Path(data).name]
    scored = cn.evaluate(done.run_id, data)
    assert (scored.part, scored.n) == ("test", held.n)
    assert dict(scored.metrics) == pytest.approx(dict(fetched.metrics), abs=1e-7)
    assert dict(fetched.metrics) == done.metrics
    assert scored.metrics["accuracy"] > {"text": 0.6, "image": 0.5}.get(kind, 0.85)
    assert done.best is not None
    if on == "sagemaker:tuning":  # the model is the best trial's own; the engine trains it again, on the validation rows too
        validated = cn.evaluate(done.run_id, data, part="validation").metrics["accuracy"]
    else:
        shown = cn.show(f"{done.run_id}/{done.best.trial}")
        assert isinstance(shown, ShownTrial) and shown.curve
        validated = shown.trial.value
    assert validated == pytest.approx(done.best.value, abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["image", "text"])
def test_autopilot_takes_images_and_texts(kind: str, make: Callable[[str], tuple[Path, str]]) -> None:
    spec, data = make(kind)
    said: list[str] = []
    done = rehearse(spec, on="sagemaker:autopilot", note=said.append)
    assert done.passed and done.stand_in, said
    assert done.metrics["accuracy"] > 0.5
    assert done.model is not None
    held = predictions.read(Path(done.model) / "predictions.parquet")
    assert held.n == HELD_OUT[Path(data).name]
    assert (Path(done.model) / "candidate.json").is_file()


@pytest.mark.parametrize("command", ["plan", "submit", "rehearse"])
def test_autopilot_refuses_breast_cancer_and_says_what_would_do(
    command: str, make: Callable[[str], tuple[Path, str]], screen: Callable[..., Any]
) -> None:
    spec, _ = make("table")
    place = "{sagemaker: {region: eu-west-1, bucket: my-bucket, role: 'arn:aws:iam::123456789012:role/search'}}"
    spec.write_text(f"{spec.read_text()}targets: {place}\n")
    shown = screen(command, str(spec), "--on", "sagemaker:autopilot", *(["--yes"] if command == "submit" else []))
    assert shown.status == 2, shown.stderr
    assert "training rows are left" in shown.stderr and "needs 500" in shown.stderr
    assert "--on sagemaker:tuning" in shown.stderr and "data.split" in shown.stderr
    assert cn.status() == []
