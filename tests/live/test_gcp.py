"""A real job on Google Cloud, for whoever has keys: `make live-gcp`. A trial trains for a minute; the bound is held under 2 USD.

It needs credentials as Google's own clients find them, and three variables: CLOUD_NAS_LIVE_PROJECT, CLOUD_NAS_LIVE_LOCATION and
CLOUD_NAS_LIVE_BUCKET, a bucket of that location alone. The price of n1-standard-4 comes with us-central1; elsewhere your own
prices.toml has to have it. It deletes what it left in the bucket. AutoML is not in it: its least budget of a table is an hour,
about 21 USD.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cloud_nas as cn
from cloud_nas.operations.clean_cloud import carry_out_there, look_there

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

SETTINGS = {key: os.environ.get(f"CLOUD_NAS_LIVE_{key.upper()}") for key in ("project", "location", "bucket")}

MODEL = """
import keras


def build(hp):
    model = keras.Sequential([
        keras.layers.Flatten(),
        keras.layers.Dense(hp.Int("units", 16, 64), activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


@pytest.mark.skipif(not all(SETTINGS.values()), reason="no project: set CLOUD_NAS_LIVE_PROJECT, _LOCATION and _BUCKET")
@pytest.mark.parametrize("on", ["vertex:tuning", "vertex:engine"])
def test_a_job_is_made_trains_and_comes_home(on: str, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    place = ", ".join(f"{key}: '{value}'" for key, value in SETTINGS.items())
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "task: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build}\n"
        "train: {epochs: 2}\nbudget: {trials: 1}\n"
        f"targets: {{vertex: {{{place}, machine: n1-standard-4, max_runtime: 30m}}}}\n"
    )
    run = cn.submit(spec, on=on, max_cost=2)
    try:
        ended = run.wait("60m")
        assert ended.state == "succeeded", ended.reason
        assert [trial.state for trial in run.trials()] == ["done"]
        fetched = run.fetch(tmp_path / "model")
        assert fetched.runnable and fetched.metrics["accuracy"] > 0.3
    finally:
        run.cancel()
        if run.status().state not in ("running", "stopping", "pending"):
            carry_out_there(look_there([run.id]))
