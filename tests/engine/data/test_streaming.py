"""Streamed rows are the rows that memory would hold, in an order that is the seed's, and take next to no memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.data import Part, encode, load, memory
from local_engine.definition import Data, Split

SHOW = {
    "table": ("t.parquet", "tabular-classification", "y"),
    "folder": ("a", "image-classification", None),
    "records": ("a.tfrecord", "image-classification", None),
}


@pytest.fixture
def sets(tmp_path: Path, write_images: Any, write_records: Any, table: Any) -> Path:
    """The same kind of data in each format that is streamed."""
    write_images(tmp_path / "a", {"no": 40, "yes": 30})
    files = sorted((tmp_path / "a").rglob("*.png"))
    write_records(tmp_path / "a.tfrecord", [{"image": file.read_bytes(), "label": file.parent.name} for file in files])
    table.drop(columns="note").to_parquet(tmp_path / "t.parquet", row_group_size=17)
    write_records(
        tmp_path / "t.tfrecord",
        [{key: value for key, value in row.items() if value == value} for row in table.to_dict("records")],
    )
    return tmp_path


@pytest.mark.parametrize("kind", list(SHOW))
def test_streamed_rows_are_the_rows(sets: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    name, task, target = SHOW[kind]
    held = load(Data(str(sets / name), target=target), task)  # type: ignore[arg-type]
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "0")
    streamed = load(Data(str(sets / name), target=target), task)  # type: ignore[arg-type]
    assert (held.train.streamed, streamed.train.streamed) == (False, True)
    assert (held.fingerprint, held.classes, held.preprocessing, held.inputs) == (
        streamed.fingerprint,
        streamed.classes,
        streamed.preprocessing,
        streamed.inputs,
    )
    encoder = held.preprocessing.encoder()
    for first, second in ((held.train, streamed.train), (held.test, streamed.test), (held.joined(), streamed.joined())):
        assert np.array_equal(first.ids, second.ids) and np.array_equal(first.labels, second.labels)
        assert np.array_equal(first.row_digests(), second.row_digests())
        seen = np.concatenate([encode(encoder, raw) for raw, _ in second.batches(7)])
        assert np.allclose(
            encode(encoder, first.rows()), seen, atol=1e-6
        )  # sine and cosine depend on a batch's size in the last bit
    with pytest.raises(Exception, match="streamed"):
        streamed.train.rows()


def shuffled(part: Part, order: int, size: int = 8) -> tuple[list[int], list[bytes], list[int]]:
    """Sizes of the batches, the rows with their labels in the order they came."""
    from local_engine.data.digests import row_digests

    sizes, rows, labels = [], [], []
    for raw, own in part.batches(size, order=order):
        stored = {key: values.ravel() for key, values in raw.items()} if isinstance(raw, dict) else raw
        sizes.append(len(own))  # type: ignore[arg-type]
        rows += [digest.tobytes() for digest in row_digests(stored)]
        labels += own.tolist()  # type: ignore[union-attr]
    return sizes, rows, labels


@pytest.mark.parametrize("over", ["0", "1000000000"])
@pytest.mark.parametrize("kind", list(SHOW))
def test_the_order_is_a_function_of_the_seed(sets: Path, monkeypatch: pytest.MonkeyPatch, kind: str, over: str) -> None:
    name, task, target = SHOW[kind]
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", over)
    monkeypatch.setattr(memory, "WINDOW", 4000)  # several windows, though the sets are small
    part = load(Data(str(sets / name), target=target), task).train  # type: ignore[arg-type]
    sizes, rows, labels = shuffled(part, 1)
    assert (sizes, rows, labels) == shuffled(part, 1)
    assert sizes == [8] * (part.n // 8) + ([part.n % 8] if part.n % 8 else [])
    assert rows != shuffled(part, 2)[1] and sorted(rows) == sorted(shuffled(part, 2)[1])
    together = dict(zip(rows, labels, strict=True))
    assert together == dict(zip(*shuffled(part, 3)[1:], strict=True))
    assert len(set(labels[: part.n // 2])) == part.labels.max() + 1  # type: ignore[union-attr]


def test_streamed_records_of_a_table(sets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "0")
    dataset = load(Data(str(sets / "t.tfrecord"), target="y", id="row"), "tabular-classification")
    assert dataset.train.streamed and dataset.train.n == 84
    assert sum(len(labels) for _, labels in dataset.train.batches(10, order=4)) == 84


def test_ids_and_rows_stay_together_when_streamed(sets: Path, monkeypatch: pytest.MonkeyPatch, table: Any) -> None:
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "0")
    dataset = load(Data(str(sets / "t.parquet"), target="y", id="row"), "tabular-classification")
    heights = np.concatenate([raw["height__cm_"].ravel() for raw, _ in dataset.test.batches(5)])  # type: ignore[union-attr, call-overload]
    expected = table.set_index("row")["height (cm)"].loc[dataset.test.ids].to_numpy(np.float32)
    assert np.array_equal(heights, expected, equal_nan=True)


PROGRAM = """
import json, os, sys, threading, psutil
os.environ["CLOUD_NAS_STREAM_OVER"] = "100000"
from local_engine.data import load
from local_engine.definition import Data, Split
from local_engine.training.feeding import Epoch, streamed
import tensorflow as tf

process, peak, found, over = psutil.Process(), 0, [], threading.Event()


def watch():  # all the while, for loading and learning have peaks of their own
    global peak
    while not over.wait(0.003):
        peak = max(peak, process.memory_info().rss)


threading.Thread(target=watch).start()
try:
    for small, large, task, target in json.loads(sys.argv[1]):
        for source in (small, large):
            base = process.memory_info().rss
            peak, read = base, 0
            dataset = load(Data(source, target=target, split=Split(0.1, 0.1)), task)
            assert dataset.train.streamed
            for x, _ in streamed(dataset.train, dataset.preprocessing.encoder(), lambda own: own, 32, seed=1, epoch=Epoch()):
                read += sum(values.numpy().nbytes for values in tf.nest.flatten(x))
            grown = peak - base
            del dataset, x
        found.append({"base": base, "grown": grown, "read": read})
finally:
    over.set()
print(json.dumps(found))
"""


def grown(*jobs: tuple[Path, Path, str, str | None]) -> list[dict[str, int]]:
    """How much the memory of a fresh process grows, in bytes, by loading and going once through a large set; of each job in turn.

    It is measured from where the engine is imported and has gone through a small set of the same kind, the first path of a job.
    The peak is over loading, learning and reading alike. Batches of 32 rows come through the pipeline that training draws from:
    a few of them, encoded as float32, are in memory whatever the source does (6 MB each at 128 x 128 pixels in three colours).
    """
    root = Path(__file__).resolve().parents[3]
    arguments = json.dumps([[str(small), str(large), task, target] for small, large, task, target in jobs])
    done = subprocess.run([sys.executable, "-c", PROGRAM, arguments], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def large_parquet(path: Path, size: int, *, columns: int = 128, group: int = 1 << 12) -> Path:
    """About `size` bytes of float64 in row groups of `group` rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    names = [f"x{column}" for column in range(columns)]
    arrays = [*(pa.array(rng.normal(size=group)) for _ in names), pa.array(np.arange(group) % 2, pa.int8())]
    table = pa.table(arrays, names=[*names, "y"])
    with pq.ParquetWriter(path, table.schema, compression="none") as writer:
        for _ in range(max(1, size // (group * columns * 8))):
            writer.write_table(table)
    return path


def large_images(folder: Path, size: int, write_records: Any = None, *, side: int = 256) -> Path:
    """`size` bytes of decoded pixels, in files that are small: each image is one colour and a few dots."""
    import tensorflow as tf

    rng = np.random.default_rng(0)
    rows = []
    for name in ("no", "yes"):
        (folder / name).mkdir(parents=True)
    for number in range(size // (side * side * 3)):
        pixels = np.full((side, side, 3), number % 251, np.uint8)
        pixels[rng.integers(0, side, 9), rng.integers(0, side, 9)] = 255
        content = tf.io.encode_jpeg(pixels).numpy()
        if write_records is None:
            (folder / ("no", "yes")[number % 2] / f"{number:06}.jpg").write_bytes(content)
        else:
            rows.append({"image": content, "label": number % 2})
    return folder if write_records is None else write_records(folder.with_suffix(".tfrecord"), rows)  # type: ignore[no-any-return]


SMALL = 16 * 2**20


def test_streaming_takes_little_memory(tmp_path: Path) -> None:
    sizes = (SMALL, 256 * 2**20)
    images = [large_images(tmp_path / str(size), size, side=128) for size in sizes]
    tables = [large_parquet(tmp_path / f"{size}.parquet", size) for size in sizes]
    of_images, of_tables = grown((*images, "image-classification", None), (*tables, "tabular-classification", "y"))
    assert of_images["read"] > 800 * 2**20 and of_tables["read"] > 100 * 2**20  # eight tenths of the rows, as float32
    assert of_images["grown"] < 64 * 2**20, of_images
    assert of_tables["grown"] < 64 * 2**20, of_tables


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "parquet of one group", "folder", "records"])
def test_streaming_two_gigabytes(tmp_path: Path, write_records: Any, kind: str) -> None:
    size = 2 * 2**30
    if kind.startswith("parquet"):
        shape = {"columns": 32, "group": 1 << 20} if "one group" in kind else {}  # the rows a group that pyarrow takes by default
        paths = [large_parquet(tmp_path / f"{bytes_}.parquet", bytes_, **shape) for bytes_ in (SMALL, size)]
        (found,) = grown((*paths, "tabular-classification", "y"))
    else:
        writer = write_records if kind == "records" else None
        images = [large_images(tmp_path / str(bytes_), bytes_, writer) for bytes_ in (SMALL, size)]
        (found,) = grown((*images, "image-classification", None))
    assert found["grown"] < 512 * 2**20, found


def test_a_limit_that_is_no_number(sets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_STREAM_OVER", "1 GB")
    with pytest.raises(Exception, match="not a number of bytes"):
        load(Data(str(sets / "a"), split=Split(0.2, 0.1)), "image-classification")
