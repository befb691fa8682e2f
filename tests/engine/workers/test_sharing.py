"""Rows that several processes map: equal to what was written, in memory once, and nobody sees what another changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from local_engine import sharing
from local_engine.data import load
from local_engine.definition import Data


def _own_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


def test_a_data_set_comes_back_as_it_was(tmp_path: Path) -> None:
    data = load(Data("builtin:digits"), "image-classification")
    sharing.share(data, tmp_path)
    again = sharing.take(tmp_path)
    assert again.fingerprint == data.fingerprint and again.classes == data.classes
    for part in ("train", "validation", "test"):
        one, other = getattr(data, part), getattr(again, part)
        assert one.sha256() == other.sha256()
        assert np.array_equal(one.labels, other.labels) and np.array_equal(one.ids, other.ids)


def test_a_table_with_texts_comes_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("colour,size,y\n" + "".join(f"{'red' if i % 3 else 'blue'},{i},{i % 2}\n" for i in range(50)))
    data = load(Data(str(tmp_path / "t.csv"), target="y"), "tabular-classification")
    sharing.share(data, tmp_path / "shared")
    again = sharing.take(tmp_path / "shared")
    assert again.train.sha256() == data.train.sha256()
    assert again.preprocessing == data.preprocessing


def test_taking_arrays_takes_no_memory(tmp_path: Path) -> None:
    size = 200_000_000
    sharing.share({"x": np.ones(size // 4, np.float32)}, tmp_path)
    before = _own_bytes()
    taken: dict[str, Any] = sharing.take(tmp_path)
    assert float(taken["x"].sum()) == size / 4
    assert _own_bytes() - before < size / 20
    assert taken["x"].ctypes.data % 64 == 0


def test_an_epoch_over_mapped_rows_copies_none_of_them(tmp_path: Path) -> None:
    import tensorflow as tf

    from local_engine.training import feeding
    from local_engine.workers import memory

    size, rows = 160_000_000, 40_000
    sharing.share(np.ones((rows, size // 4 // rows), np.float32), tmp_path)
    x, y = sharing.take(tmp_path), np.arange(rows)
    small = feeding.shuffled(x[:128], y[:128], 64, seed=1, epoch=feeding.Epoch())
    assert len(list(small)) == 2  # what TensorFlow sets up at its first pipeline
    memory.tidy()
    before = _own_bytes()
    tf.config.experimental.enable_op_determinism()  # as every training does
    seen = 0
    for batch, labels in feeding.shuffled(x, y, 64, seed=1, epoch=feeding.Epoch()):
        seen += len(labels)
        assert float(batch[0, 0]) == 1.0
    memory.tidy()
    assert seen == rows
    assert _own_bytes() - before < size / 4


def test_what_one_writes_another_does_not_see(tmp_path: Path) -> None:
    sharing.share(np.zeros(10_000), tmp_path)
    one, other = sharing.take(tmp_path), sharing.take(tmp_path)
    one[:] = 7
    assert not other.any() and not sharing.take(tmp_path).any()


def test_what_is_made_once_is_made_once(tmp_path: Path) -> None:
    made = []

    def make() -> np.ndarray:
        made.append(1)
        return np.arange(5)

    values = [sharing.made_once(tmp_path / "here", make) for _ in range(3)]
    assert len(made) == 1 and all(np.array_equal(value, np.arange(5)) for value in values)
