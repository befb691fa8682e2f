"""Rows that come from disk each time: trained in an order that is a function of (seed, epoch), as rows in memory are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from local_engine.definition import Data


@pytest.fixture
def streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from local_engine.data import load

    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "100")
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"a": generator.normal(size=200), "b": generator.choice(["x", "y"], 200)})
    frame["label"] = np.where(frame["a"] > 0, "yes", "no")
    frame.to_parquet(tmp_path / "rows.parquet", row_group_size=50)
    data = load(Data(str(tmp_path / "rows.parquet"), target="label"), "tabular-classification")
    assert data.train.streamed
    return data


def test_two_turns_are_one(trained: Any, streamed: Any, tmp_path: Path) -> None:
    def build(hp: Any) -> Any:
        model = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(2, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    whole = trained(build, streamed, epochs=2, folder=tmp_path / "one")
    trained(build, streamed, epochs=1, folder=tmp_path / "two")
    parts = trained(build, streamed, epochs=2, folder=tmp_path / "two")
    assert whole.value == parts.value
    assert (tmp_path / "one/curve.jsonl").read_text() == (tmp_path / "two/curve.jsonl").read_text()
