"""A fingerprint is of the content: the same in every format, another with every value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine.data import load
from local_engine.data.digests import row_digests, sha256_of_rows
from local_engine.data.inputs import take
from local_engine.definition import Data, Split


def fingerprint(path: Path, **options: Any) -> str:
    return load(Data(str(path), target="y", id="row", **options), "tabular-classification").fingerprint


def test_csv_and_parquet_of_the_same_values(tmp_path: Path, table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    table.to_csv(tmp_path / "t.csv", index=False)
    table.to_csv(tmp_path / "t.csv.gz", index=False, sep=";")
    table.to_parquet(tmp_path / "t.parquet", row_group_size=50)
    table.assign(since=pd.to_datetime(table["since"]), city=table["city"].astype("category")).to_parquet(
        tmp_path / "typed.parquet"
    )
    prints = {fingerprint(tmp_path / name) for name in ("t.csv", "t.csv.gz", "t.parquet", "typed.parquet")}
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "0")
    streamed = load(Data(str(tmp_path / "t.parquet"), target="y", id="row"), "tabular-classification")
    assert streamed.train.streamed and {streamed.fingerprint} == prints


@pytest.mark.parametrize(
    ("column", "value"), [("age", 17.5), ("city", "Paris"), ("member", True), ("since", "1999-01-01"), ("y", "c")]
)
def test_every_value_counts(tmp_path: Path, table: Any, column: str, value: object) -> None:
    table.to_csv(tmp_path / "t.csv", index=False)
    before = fingerprint(tmp_path / "t.csv")
    table.loc[0, column] = value
    table.to_csv(tmp_path / "t.csv", index=False)
    assert fingerprint(tmp_path / "t.csv") != before


def test_names_and_order_count_and_the_split_does_not(tmp_path: Path, table: Any) -> None:
    table.to_csv(tmp_path / "t.csv", index=False)
    first = fingerprint(tmp_path / "t.csv")
    assert fingerprint(tmp_path / "t.csv", split=Split(0.4, 0.0, 9)) == first
    table.rename(columns={"age": "years"}).to_csv(tmp_path / "t.csv", index=False)
    assert fingerprint(tmp_path / "t.csv") != first
    table.iloc[::-1].to_csv(tmp_path / "t.csv", index=False)
    assert fingerprint(tmp_path / "t.csv") != first


def test_idx_gzipped_or_not_and_npz(tmp_path: Path, write_idx: Any) -> None:
    x, y = np.random.default_rng(0).integers(0, 256, (50, 4, 4)).astype(np.uint8), np.arange(50) % 2
    for suffix in ("", ".gz"):
        folder = tmp_path / f"idx{suffix}"
        folder.mkdir()
        for part, rows in (("train", slice(0, 40)), ("t10k", slice(40, 50))):
            write_idx(folder / f"{part}-images-idx3-ubyte{suffix}", x[rows])
            write_idx(folder / f"{part}-labels-idx1-ubyte{suffix}", y[rows])
    np.savez(tmp_path / "a.npz", x_train=x[:40, ..., None], y_train=y[:40], x_test=x[40:, ..., None], y_test=y[40:])
    paths = (tmp_path / "idx", tmp_path / "idx.gz", tmp_path / "a.npz")
    assert len({load(Data(str(path), split=Split(test=None)), "image-classification").fingerprint for path in paths}) == 1


def test_images_and_records_of_the_same_pixels(tmp_path: Path, write_images: Any, write_records: Any) -> None:
    write_images(tmp_path / "a", {"no": 15, "yes": 15})
    files = sorted((tmp_path / "a").rglob("*.png"))
    write_records(tmp_path / "a.tfrecord", [{"image": file.read_bytes(), "label": file.parent.name} for file in files])
    first, second = (load(Data(str(tmp_path / name)), "image-classification") for name in ("a", "a.tfrecord"))
    assert first.fingerprint == second.fingerprint
    assert first.test.sha256() == second.test.sha256()


VALUES = st.one_of(st.floats(width=64), st.just(0.0), st.just(-0.0))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(VALUES, st.text(max_size=5)), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_row_digests(rows: list[tuple[float, str]], random: Any) -> None:
    words = np.empty(len(rows), object)
    words[:] = [word for _, word in rows]
    stored = {"a": np.array([number for number, _ in rows]), "b": words}
    digests = row_digests(stored)
    assert digests.shape == (len(rows), 16) and digests.dtype == np.uint8
    for one in range(len(rows)):
        assert np.array_equal(row_digests(take(stored, np.array([one])))[0], digests[one])  # alone or among others
        same = rows[one] == rows[0] or (np.isnan(rows[one][0]) and np.isnan(rows[0][0]) and rows[one][1] == rows[0][1])
        assert np.array_equal(digests[one], digests[0]) == same
    order = list(range(len(rows)))
    random.shuffle(order)
    assert sha256_of_rows(digests[order]) == sha256_of_rows(digests)


def test_rows_in_two_parts_are_counted(tmp_path: Path) -> None:
    import pandas as pd

    x = np.arange(100)
    pd.DataFrame({"x": x, "y": x % 2}).to_csv(tmp_path / "t.csv", index=False)
    pd.DataFrame({"x": [*range(95, 105), 1], "y": [*(np.arange(95, 105) % 2), 0]}).to_csv(tmp_path / "test.csv", index=False)
    dataset = load(
        Data(str(tmp_path / "t.csv"), target="y", split=Split(test=str(tmp_path / "test.csv"))), "tabular-classification"
    )
    assert dataset.overlap == 5  # row 1 has another label
    assert [note.message for note in dataset.notes] == ["5 of the 11 test rows are also in training or validation"]
    assert (dataset.joined().n, dataset.test.n) == (100, 11)
