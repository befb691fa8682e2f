"""`export` of models that read columns or texts, and of estimators: what runs elsewhere, and what says why it cannot."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn

MODEL = """
import keras
from sklearn.linear_model import LinearRegression


def numbers(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Choice("units", [4]), activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def words(hp):
    model = keras.Sequential([
        keras.layers.Embedding(10_000, 4),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(2, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def line(hp):
    return LinearRegression(fit_intercept=hp.Boolean("intercept"))
"""
TASKS = {
    "numbers": ("tabular-regression", "{source: numbers.csv, target: y}"),
    "line": ("tabular-regression", "{source: numbers.csv, target: y}"),
    "words": ("text-classification", "{source: words.csv, target: y}"),
}


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], str]:
    """Searches for a model of a kind, and gives its run."""

    def make(kind: str) -> str:
        draw, (task, data) = random.Random(1), TASKS[kind]
        rows = [f"{draw.gauss(5, 2):.4f},{draw.gauss(0, 1):.4f},{draw.gauss(0, 3):.4f}" for _ in range(60)]
        (tmp_path / "numbers.csv").write_text("\n".join(["a,b b,y", *rows]) + "\n")
        texts = [f"Number {one} is {('odd', 'even')[one % 2]},{'yn'[one % 2]}" for one in range(60)]
        (tmp_path / "words.csv").write_text("\n".join(["text,y", *texts]) + "\n")
        (tmp_path / "model.py").write_text(MODEL)
        train = "{}" if kind == "line" else "{epochs: 1}"
        (tmp_path / f"{kind}.yaml").write_text(
            f"version: 1\nname: {kind}\ntask: {task}\ndata: {data}\nspace: {{model: model.py:{kind}}}\n"
            f"search: {{strategy: random}}\ntrain: {train}\nbudget: {{trials: 1}}\n"
        )
        return cn.run(tmp_path / f"{kind}.yaml").run_id

    return make


def checked(screen: Callable[..., Any], run: str, to: str) -> float:
    shown = screen("export", run, "--to", to, "--out", to, "--check", "--json")
    assert shown.status == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["rows"] > 0
    return float(told["difference"])


def without_converter(to: str) -> bool:
    return to == "onnx" and any(importlib.util.find_spec(name) is None for name in ("tf2onnx", "onnxruntime"))


@pytest.mark.parametrize("to", ["tflite", "onnx", pytest.param("savedmodel", marks=pytest.mark.slow)])
def test_a_table_of_numbers_keeps_its_columns(make: Callable[[str], str], screen: Callable[..., Any], to: str) -> None:
    if without_converter(to):
        pytest.skip("the extra `onnx` is not installed")
    assert checked(screen, make("numbers"), to) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("to", ["onnx", "tflite"])
def test_a_model_that_reads_texts_is_refused_with_the_reason(
    make: Callable[[str], str], screen: Callable[..., Any], tmp_path: Path, to: str
) -> None:
    if without_converter(to):
        pytest.skip("the extra `onnx` is not installed")
    shown = screen("export", make("words"), "--to", to, "--out", "made")
    assert shown.status == 1
    assert "cannot hold it" in shown.stderr and "savedmodel" in shown.stderr
    assert not (tmp_path / "made").exists()


def test_an_estimator_is_refused_with_the_way_out(make: Callable[[str], str], screen: Callable[..., Any]) -> None:
    shown = screen("export", make("line"), "--to", "keras", "--out", "made")
    assert shown.status == 1
    assert "scikit-learn" in shown.stderr and "model.skops" in shown.stderr
