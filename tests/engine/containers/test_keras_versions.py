"""What each Keras that TensorFlow 2.21 takes has saved can be read by ours, to the last bit of what it predicts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SAVES = """
import sys
import keras
import numpy as np

keras.utils.set_random_seed(3)
layers = keras.layers
image = keras.Input((8, 8, 3), name="image")
x = layers.Rescaling(1 / 255)(image)
x = layers.RandomFlip()(x)
x = layers.Conv2D(4, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4))(x)
x = layers.DepthwiseConv2D(3, padding="same")(layers.BatchNormalization()(x))
x = layers.GlobalAveragePooling2D()(layers.MaxPooling2D()(x))
text = keras.Input((6,), dtype="int32", name="text")
y = layers.Embedding(20, 8, mask_zero=True)(text)
y = layers.LayerNormalization()(layers.MultiHeadAttention(2, 4)(y, y) + y)
y = layers.Bidirectional(layers.GRU(5))(y)
row = keras.Input((4,), name="row")
scale = layers.Normalization()
scale.adapt(np.arange(20, dtype="float32").reshape(5, 4))
z = layers.Dropout(0.3)(layers.Dense(6, activation="gelu")(scale(row)))
out = layers.Dense(3, activation="softmax")(layers.Concatenate()([x, y, z]))
model = keras.Model({"image": image, "text": text, "row": row}, out)
model.compile(keras.optimizers.AdamW(1e-2, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
rng = np.random.default_rng(1)
rows = {
    "image": rng.integers(0, 255, (16, 8, 8, 3)).astype("float32"),
    "text": rng.integers(0, 20, (16, 6)).astype("int32"),
    "row": rng.random((16, 4)).astype("float32"),
}
model.fit(rows, rng.integers(0, 3, 16), epochs=2, verbose=0)
model.save(sys.argv[1] + "/model.keras")
np.savez(sys.argv[1] + "/rows.npz", out=model.predict(rows, verbose=0), **rows)
print(keras.__version__)
"""


@pytest.mark.slow
@pytest.mark.parametrize("series", ["3.12", "3.13", "3.14", "3.15"])
def test_a_model_of_every_keras_in_question_loads_in_ours(series: str, tmp_path: Path) -> None:
    import keras

    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path / "keras")]
    subprocess.run([*pip, f"keras~={series}.0"], check=True)
    variables = {**os.environ, "PYTHONPATH": str(tmp_path / "keras"), "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, "-c", SAVES, str(tmp_path)], env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith(f"{series}.")
    model = keras.saving.load_model(tmp_path / "model.keras")
    with np.load(tmp_path / "rows.npz") as saved:
        rows = {name: saved[name] for name in ("image", "text", "row")}
        assert np.array_equal(model.predict(rows, verbose=0), saved["out"])
    assert int(model.optimizer.iterations.numpy()) > 0, "the optimizer's state comes along"
