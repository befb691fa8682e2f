"""Estimators of scikit-learn as candidates: measured, saved by skops, loaded, never pickled."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from local_engine.errors import TrialError
from local_engine.training.predicting import load_model, predict


def _forest(hp: Any) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=hp.Int("trees", 5, 20))


def _pipeline(hp: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    return make_pipeline(StandardScaler(), LinearSVC())


@pytest.mark.parametrize("build", [_forest, _pipeline], ids=lambda build: build.__name__)
@pytest.mark.parametrize("name", ["digits", "mixed"])
def test_a_classifier_is_measured_and_comes_back(trained: Any, request: Any, build: Any, name: str) -> None:
    data = request.getfixturevalue(name)
    artifact = trained(build, data)
    outputs = predict(load_model(artifact.folder), data.validation)
    assert outputs.shape == (data.validation.n, data.num_classes)
    assert np.mean(outputs.argmax(1) == data.validation.labels) == artifact.value == artifact.metrics["val_accuracy"]
    manifest = json.loads((artifact.folder / "manifest.json").read_text())
    assert manifest["kind"] == "estimator" and set(manifest["files"]) >= {"model.skops", "preprocessing.keras"}
    assert manifest["custom_objects"] is False


def test_an_open_random_state_is_the_trials(trained: Any, mixed: Any, tmp_path: Any) -> None:
    first = trained(_forest, mixed, folder=tmp_path / "one", metric="log_loss")
    assert first.value == trained(_forest, mixed, folder=tmp_path / "two", metric="log_loss").value


def test_a_regressor(trained: Any, diabetes: Any) -> None:
    def build(hp: Any) -> Any:
        from sklearn.linear_model import Ridge

        return Ridge(hp.Float("alpha", 0.1, 1.0))

    artifact = trained(build, diabetes, metric="r2")
    assert 0.2 < artifact.value < 1
    assert predict(load_model(artifact.folder), diabetes.validation).shape == (diabetes.validation.n,)


def test_the_librarys_own_reason_is_the_trials(trained: Any, mixed: Any) -> None:
    def build(hp: Any) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(max_features="auto")

    with pytest.raises(TrialError, match="max_features"):
        trained(build, mixed)
