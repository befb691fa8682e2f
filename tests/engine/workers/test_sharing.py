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


def test_a_tensor_lies_on_the_mapped_memory(tmp_path: Path) -> None:
    from local_engine.training import feeding

    size = 100_000_000
    sharing.share(np.ones((size // 40, 10), np.float32), tmp_path)
    rows = sharing.take(tmp_path)
    feeding._constant(np.zeros(1, np.float32))
    before = _own_bytes()
    tensor = feeding._constant(rows)
    assert _own_bytes() - before < size / 20
    assert float(tensor[-1, -1]) == 1.0


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
