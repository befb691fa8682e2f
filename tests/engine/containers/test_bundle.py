"""Rows that travel: what is read is what was written, the held-out rows stay, and the same rows are the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from local_engine.data import Part, bundle, load
from local_engine.errors import DataError
from local_engine.training import manifest

KINDS = ("grey", "colour", "deep", "array", "table", "numbers", "text")


def assert_same_rows(first: Part, second: Part) -> None:
    assert (first.n, first.streamed, first.inputs) == (second.n, second.streamed, second.inputs)
    assert first.ids.tolist() == second.ids.tolist()
    assert first.labels is not None and second.labels is not None
    assert first.labels.dtype == second.labels.dtype and np.array_equal(first.labels, second.labels)
    assert np.array_equal(first.row_digests(), second.row_digests())


def assert_same_batches(first: Part, second: Part, order: int) -> None:
    for (one, own), (other, others) in zip(first.batches(8, order=order), second.batches(8, order=order), strict=True):
        assert np.array_equal(own, others)  # type: ignore[arg-type]
        for key in one if isinstance(one, dict) else [slice(None)]:
            assert np.array_equal(one[key], other[key], equal_nan=one[key].dtype != object)  # type: ignore[index]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=some.sampled_from(KINDS), rows=some.integers(40, 150), seed=some.integers(0, 5), streamed=some.booleans())
def test_what_is_read_is_what_was_written(
    write_set: Any, tmp_path_factory: Any, kind: str, rows: int, seed: int, streamed: bool
) -> None:
    data, task = write_set(kind, rows, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOUD_NAS_STREAM_OVER", "0" if streamed else "1000000000")
        home = load(data, task)
        folder = tmp_path_factory.mktemp("bundle")
        bundle.write(home, folder)
        patch.setenv("CLOUD_NAS_STREAM_OVER", "1000000000")
        away = bundle.read(folder)
    assert away.test is None
    assert (away.task, away.inputs, away.classes, away.fingerprint) == (home.task, home.inputs, home.classes, home.fingerprint)
    assert (away.preprocessing, away.overlap) == (home.preprocessing, home.overlap)
    for first, second in ((home.train, away.train), (home.validation, away.validation), (home.joined(), away.joined())):
        assert_same_rows(first, second)
        assert_same_batches(first, second, seed)
    assert manifest.held_out(away) == manifest.held_out(home)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_rows_are_the_same_bytes(write_set: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    for name in ("a", "b"):
        bundle.write(load(*write_set(kind)), tmp_path / name)
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("a", "b"))
    assert first == second


def test_held_out_rows_never_travel(tmp_path: Path) -> None:
    import pandas as pd

    from local_engine.definition import Data

    pd.DataFrame(
        {"id": [f"name-{row:03}" for row in range(90)], "x": [f"value-{row:03}" for row in range(90)], "y": [0, 1] * 45}
    ).to_csv(tmp_path / "t.csv", index=False)
    home = load(Data(str(tmp_path / "t.csv"), target="y", id="id"), "tabular-classification")
    bundle.write(home, tmp_path / "bundle")
    content = b"".join(path.read_bytes() for path in (tmp_path / "bundle").iterdir())
    assert home.test is not None and home.test.n == 9
    for name in home.test.ids:
        assert name.encode() not in content and name.replace("name", "value").encode() not in content
    assert all(name.encode() in content for name in home.train.ids)


def test_rows_that_are_not_whole_are_refused(write_set: Callable[..., Any], tmp_path: Path) -> None:
    bundle.write(load(*write_set("grey")), tmp_path / "bundle")
    rows = tmp_path / "bundle" / "rows.npy"
    rows.write_bytes(rows.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"not whole: rows\.npy is cut off"):
        bundle.read(tmp_path / "bundle")
    rows.unlink()
    with pytest.raises(DataError, match=r"rows\.npy is missing"):
        bundle.read(tmp_path / "bundle")
    (tmp_path / "bundle" / bundle.NAME).unlink()
    with pytest.raises(DataError, match="not there"):
        bundle.read(tmp_path / "bundle")


def test_a_newer_bundle_is_refused(write_set: Callable[..., Any], tmp_path: Path) -> None:
    bundle.write(load(*write_set("grey")), tmp_path / "bundle")
    path = tmp_path / "bundle" / bundle.NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99}))
    with pytest.raises(DataError, match="schema 99"):
        bundle.read(tmp_path / "bundle")


def test_rows_too_many_for_this_machine_are_streamed(
    write_set: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle.write(load(*write_set("table")), tmp_path / "bundle")
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "100")
    assert bundle.read(tmp_path / "bundle").train.streamed
