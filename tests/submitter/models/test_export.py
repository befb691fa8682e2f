"""`export`: what is written runs without this project, on raw rows, and answers as the model does."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import cloud_nas as cn

if TYPE_CHECKING:
    from ..conftest import Finished, Screen

_SLACK = {"keras": 0.0, "savedmodel": 1e-5, "tflite": 1e-4, "onnx": 1e-4}


@pytest.mark.parametrize("to", ["keras", "savedmodel", "tflite", "onnx"])
def test_what_is_written_answers_as_the_model_does(
    finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path, to: str
) -> None:
    if to == "onnx":
        for name in ("tf2onnx", "onnxruntime"):
            if importlib.util.find_spec(name) is None:
                pytest.skip(f"{name} is not installed: the extra `onnx`")
    shown = screen("export", finished_run.result.run_id, "--to", to, "--out", str(tmp_path / "made"), "--check", "--json")
    assert shown.status == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["schema"] == "cloud-nas/export@1"
    assert told["rows"] == 180 and told["difference"] <= _SLACK[to]
    assert told["files"] and told["bytes"] > 0
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_saved_model_runs_by_tensorflow_alone(finished_run: Finished, tmp_path: Path) -> None:
    import tensorflow as tf

    made = cn.export(finished_run.result.run_id, "savedmodel", out=tmp_path / "made")
    loaded = tf.saved_model.load(str(made.path / "saved_model"))
    assert np.asarray(loaded.serve(tf.zeros((2, 8, 8)))).shape == (2, 10)


def test_a_folder_that_is_there_is_left_alone(finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path) -> None:
    shown = screen("export", finished_run.result.run_id, "--to", "keras", "--out", str(tmp_path))
    assert shown.status == 9
    assert "is there already" in shown.stderr


def test_onnx_says_what_is_missing(finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path) -> None:
    if importlib.util.find_spec("tf2onnx") is not None:
        pytest.skip("tf2onnx is installed")
    shown = screen("export", finished_run.result.run_id, "--to", "onnx", "--out", str(tmp_path / "made"))
    assert shown.status == 2
    assert "cloud-nas[onnx]" in shown.stderr
    assert not (tmp_path / "made").exists()
