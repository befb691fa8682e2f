"""A real job on AWS, for whoever has keys: `make live-aws`. It trains one trial for a minute, and its bound is held under 2 USD.

It needs credentials as AWS's own clients find them, and three variables: CLOUD_NAS_LIVE_REGION, CLOUD_NAS_LIVE_BUCKET and
CLOUD_NAS_LIVE_ROLE. It deletes what it left in the bucket.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cloud_nas as cn
from cloud_nas.operations.clean_cloud import carry_out_there, look_there

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

SETTINGS = {key: os.environ.get(f"CLOUD_NAS_LIVE_{key.upper()}") for key in ("region", "bucket", "role")}

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


@pytest.mark.skipif(not all(SETTINGS.values()), reason="no AWS account: set CLOUD_NAS_LIVE_REGION, _BUCKET and _ROLE")
@pytest.mark.parametrize("on", ["sagemaker:tuning", "sagemaker:engine"])
def test_a_job_is_made_trains_and_comes_home(on: str, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    place = ", ".join(f"{key}: '{value}'" for key, value in SETTINGS.items())
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "task: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build}\n"
        f"train: {{epochs: 2}}\nbudget: {{trials: 1}}\ntargets: {{sagemaker: {{{place}, max_runtime: 15m}}}}\n"
    )
    run = cn.submit(spec, on=on, max_cost=2)
    try:
        ended = run.wait("40m")
        assert ended.state == "succeeded", ended.reason
        assert [trial.state for trial in run.trials()] == ["done"]
        fetched = run.fetch(tmp_path / "model")
        assert fetched.runnable and fetched.metrics["accuracy"] > 0.3
    finally:
        run.cancel()
        if run.status().state not in ("running", "stopping", "pending"):
            carry_out_there(look_there([run.id]))
