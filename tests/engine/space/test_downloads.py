"""A script that loads one of Keras' data sets from the cache, where its hash is not the published one and there is no network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from local_engine.space.capture import capture

SCRIPT = """
import keras, keras_tuner as kt

(x, y), _ = keras.datasets.mnist.load_data()


def build(hp):
    return None


kt.RandomSearch(build, objective="val_loss", max_trials=2).search(x, y, epochs=1)
"""


def test_a_cached_file_is_used_where_it_cannot_be_downloaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from keras.src.utils import file_utils

    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    rows = {"x_train": np.zeros((20, 28, 28), np.uint8), "y_train": np.arange(20) % 10}
    np.savez(folder / "mnist.npz", **rows, x_test=rows["x_train"], y_test=rows["y_train"])
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path / "keras"))
    (tmp_path / "tune.py").write_text(SCRIPT)
    found = capture(tmp_path / "tune.py")
    assert found.x.shape == (20, 28, 28)
    assert (folder / "mnist.npz").is_file()
    assert "is used as it is" in capsys.readouterr().err
