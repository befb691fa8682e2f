"""Small data sets in every format, written afresh by each test that asks for one."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Write = Callable[..., Path]


@pytest.fixture
def table() -> Any:
    """120 rows with every kind of column and gaps in each; `y` has three classes, `price` is a number."""
    import pandas as pd

    rng = np.random.default_rng(3)
    n = 120
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "height (cm)": rng.normal(170, 10, n).round(2),
            "member": pd.Series(rng.random(n) < 0.5, dtype=object),
            "city": rng.choice(["Oslo", "Roma", "São Paulo"], n).astype(object),
            "since": pd.date_range("2020-01-01", periods=n, freq="9D").strftime("%Y-%m-%d").to_numpy(object),
            "note": [f"a long remark about row number {row} and nothing else" for row in range(n)],
            "row": [f"r{row}" for row in range(n)],
            "price": rng.normal(10, 3, n),
            "y": np.array(["a", "b", "c"], object)[np.arange(n) % 3],
        }
    )
    for position, column in enumerate(("age", "height (cm)", "member", "city", "since")):
        frame.loc[frame.index[position::17], column] = None
    return frame


@pytest.fixture
def write_idx() -> Write:
    def write(path: Path, values: np.ndarray) -> Path:
        content = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.astype(np.uint8).tobytes()
        path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
        return path

    return write


@pytest.fixture
def write_images() -> Write:
    """A folder with a subfolder a class; returns it. Pixels are random, seeded."""

    def write(
        folder: Path, classes: dict[str, int], *, size: tuple[int, ...] = (6, 5, 3), kind: str = "png", seed: int = 0
    ) -> Path:
        import tensorflow as tf

        rng = np.random.default_rng(seed)
        for name, count in classes.items():
            (folder / name).mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 256, size).astype(np.uint8)
                encoded = tf.io.encode_png(pixels) if kind == "png" else tf.io.encode_jpeg(pixels)
                (folder / name / f"{number:04}.{kind}").write_bytes(encoded.numpy())
        return folder

    return write


@pytest.fixture
def write_records() -> Write:
    """A TFRecord file of dicts of values: bytes, str, int, float, or a list of one kind; None is left out."""

    def write(path: Path, rows: list[dict[str, Any]]) -> Path:
        import tensorflow as tf

        def feature(value: Any) -> Any:
            values = value if isinstance(value, list) else [value]
            if isinstance(values[0], str | bytes):
                encoded = [item.encode() if isinstance(item, str) else item for item in values]
                return tf.train.Feature(bytes_list=tf.train.BytesList(value=encoded))
            if isinstance(values[0], int | np.integer):
                return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(item) for item in values]))
            return tf.train.Feature(float_list=tf.train.FloatList(value=values))

        with tf.io.TFRecordWriter(str(path)) as writer:
            for row in rows:
                features = {name: feature(value) for name, value in row.items() if value is not None}
                writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
        return path

    return write
