"""Data sets in each kind that travels, made afresh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[..., Any]:
    """Writes a data set of a kind with `rows` rows, seeded, and gives the `Data` and the task to load it by."""
    from local_engine.definition import Data

    def write(kind: str, rows: int = 90, seed: int = 0) -> tuple[Data, Any]:
        import pandas as pd

        rng = np.random.default_rng(seed)
        labels = np.arange(rows) % 3
        path = tmp_path / f"{kind}-{rows}-{seed}"
        if kind in ("grey", "colour", "deep", "array"):
            shape = {"grey": (5, 4), "colour": (5, 4, 3), "deep": (3, 3), "array": (7,)}[kind]
            pixels = {
                "grey": rng.integers(0, 255, (rows, *shape)).astype(np.uint8),
                "deep": rng.integers(0, 60000, (rows, *shape)).astype(np.uint16),
            }
            x = pixels.get(kind, rng.random((rows, *shape)).astype(np.float32))
            np.savez(path.with_suffix(".npz"), x=x, y=labels)
            return Data(str(path.with_suffix(".npz"))), "image-classification"
        if kind == "text":
            words = ["naïve", "blue", "日本", "x", "", "row"]
            texts = [" ".join(rng.choice(words, 1 + row % 7)) + f" n{row}" for row in range(rows)]
            pd.DataFrame({"text": texts, "y": labels}).to_csv(path.with_suffix(".csv"), index=False)
            return Data(str(path.with_suffix(".csv")), target="y"), "text-classification"
        frame = pd.DataFrame(
            {
                "size": rng.normal(size=rows) * 10.0 ** rng.integers(-9, 9, rows),
                "city": rng.choice(["Oslo", "Roma", "São Paulo"], rows).astype(object),
                "since": pd.date_range("2020-01-01", periods=rows, freq="9D").strftime("%Y-%m-%d").to_numpy(object),
                "name": [f"r{row}" for row in range(rows)],
                "y": np.array(["a", "b", "c"], object)[labels] if kind == "table" else rng.normal(size=rows),
            }
        )
        frame.loc[frame.index[3::17], "size"] = None
        frame.loc[frame.index[5::19], "city"] = None
        frame.to_parquet(path.with_suffix(".parquet"), row_group_size=17)
        task = "tabular-classification" if kind == "table" else "tabular-regression"
        return Data(str(path.with_suffix(".parquet")), target="y", id="name" if seed % 2 else None), task

    return write


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from sklearn.datasets import load_digits

    from local_engine.definition import Data

    raw = load_digits()
    path = tmp_path_factory.mktemp("digits") / "digits.npz"
    np.savez(path, x=raw.images[:300].astype(np.float32) / 16, y=raw.target[:300])
    return Data(str(path))
