"""TFRecord files of `tf.train.Example`: encoded images with labels, or tables of scalar features. A file or a folder of files.

One pass finds where each record stands (TensorFlow checks their checksums); afterwards any record can be read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from local_engine.data import memory
from local_engine.data.inputs import Array, Inputs, Raw
from local_engine.data.sources.base import MemorySource, Opened, Request, Source
from local_engine.data.sources.decoding import common_inputs, decode
from local_engine.data.sources.headers import Header, read_header
from local_engine.data.sources.tables import look, row_bytes, stored_columns
from local_engine.data.target import Target, TargetCollector

SUFFIXES = (".tfrecord", ".tfrecords", ".tfrec")
IMAGE_NAMES = ("image", "image_raw", "image/encoded")
LABEL_NAMES = ("label", "image/class/label")
_HEAD, _TAIL = 12, 4  # a length and its checksum before a record, the record's checksum behind it
_CHUNK = 4096


def open_tfrecord(request: Request) -> Opened:
    """A TFRecord file or folder.

    Raises:
        DataError: a file is damaged or compressed, its records are no Examples, or they lack what the task needs.
    """
    path = request.path
    files = (
        [path]
        if path.is_file()
        else [file for file in sorted(path.rglob("*")) if file.suffix.lower() in SUFFIXES and file.is_file()]
    )
    records = _Records(files, request)
    is_image = request.inputs.kind == "image" if request.inputs else request.task == "image-classification"
    source = _images(records, request) if is_image else _table(records, request)
    if source.n * source.row_bytes > memory.stream_over():
        return Opened(source)
    held = MemorySource(source.inputs, source.take(np.arange(source.n)), source.target, source.ids)
    held.row_bytes = source.row_bytes
    return Opened(held)


class _Records:
    """The records of some files, by number."""

    def __init__(self, files: list[Path], request: Request) -> None:
        self._files, self.request = files, request
        self._places: list[Array] = []
        self._starts = np.zeros(1, np.int64)

    def scan(self) -> Iterator[tuple[Path, Any]]:
        """Every record as an Example, in order, noting where it stands."""
        self._places = []
        for path in self._files:
            with path.open("rb") as file:
                if file.read(2) == b"\x1f\x8b":
                    raise self.request.at(path).error(
                        "it is compressed, and its records cannot be read one by one", hint=f"gunzip {path.name}"
                    )
            ends = [0]
            try:
                for record in tf.data.TFRecordDataset(str(path)):
                    content = record.numpy()
                    ends.append(ends[-1] + _HEAD + len(content) + _TAIL)
                    yield path, self._example(content, path)
            except (tf.errors.DataLossError, tf.errors.OutOfRangeError, tf.errors.InvalidArgumentError) as error:
                raise self.request.at(path).error(f"it is damaged behind record {len(ends) - 1}") from error
            self._places.append(np.array(ends, np.int64))
        self._starts = np.cumsum([0, *(len(places) - 1 for places in self._places)])
        if not self._starts[-1]:
            raise self.request.error("it has no records")

    def read(self, index: Array) -> Iterator[tuple[Path, Any]]:
        """The records at `index` as Examples."""
        opened: dict[int, Any] = {}
        try:
            for row in index.tolist():
                number = int(np.searchsorted(self._starts, row, side="right")) - 1
                if number not in opened:
                    if len(opened) >= 64:
                        opened.pop(next(iter(opened))).close()
                    opened[number] = self._files[number].open("rb")
                start, end = self._places[number][row - self._starts[number] :][:2].tolist()
                opened[number].seek(start + _HEAD)
                yield self._files[number], self._example(opened[number].read(end - start - _HEAD - _TAIL), self._files[number])
        finally:
            for file in opened.values():
                file.close()

    def _example(self, content: bytes, path: Path) -> Any:
        from google.protobuf.message import DecodeError

        try:
            return tf.train.Example.FromString(content).features.feature
        except DecodeError as error:
            raise self.request.at(path).error("its records are not tf.train.Example") from error


class _ImageRecords(Source):
    """Images in records."""

    def __init__(self, records: _Records, inputs: Inputs, n: int, name: str, target: Target | None) -> None:
        self.inputs, self.n, self.target = inputs, n, target
        self.row_bytes = int(np.prod(inputs.shape)) * np.dtype(inputs.dtype).itemsize
        self._records, self._name = records, name

    def take(self, index: Array) -> Raw:
        """The images at `index`."""
        out = np.empty((len(index), *self.inputs.shape), self.inputs.dtype)
        for position, (path, features) in enumerate(self._records.read(index)):
            content = features[self._name].bytes_list.value[0]
            out[position] = decode(content, self.inputs, self._records.request.at(path).error)
        return out


class _TableRecords(Source):
    """Tables in records."""

    def __init__(self, records: _Records, found: Any, names: list[str]) -> None:
        self.inputs, self.n, self.target, self.ids = found.inputs, found.n, found.target, found.ids
        self.row_bytes = row_bytes(found.inputs)
        self._records, self._names = records, names

    def take(self, index: Array) -> Raw:
        """The rows at `index`."""
        rows = [features for _, features in self._records.read(index)]
        return stored_columns(_frame(rows, self._names), self.inputs, self._records.request)


def _images(records: _Records, request: Request) -> Source:
    name: str | None = None
    label: str | None = request.target
    collector: TargetCollector | None = None
    labels: list[Any] = []
    n = 0

    def headers() -> Iterator[tuple[str, Header]]:
        nonlocal name, label, collector, n
        for path, features in records.scan():
            if n == 0:
                name, label = _image_name(features, request), _label_name(features, request)
                collector = TargetCollector(label, str(request.path)) if label else None
            header = _header(features, name or "")
            if header is None:
                raise request.at(path).error(f"record {n} has no png or jpg under {name!r}")
            if collector is not None:
                labels.append(_scalar(features, label or ""))
                if len(labels) >= _CHUNK:
                    collector.add(_series(labels))
                    labels.clear()
            n += 1
            yield f"record {n - 1} of {path}", header

    inputs = common_inputs(headers(), request)
    if collector is not None and labels:
        collector.add(_series(labels))
    return _ImageRecords(records, inputs, n, name or "", collector.finish() if collector else None)


def _table(records: _Records, request: Request) -> Source:
    names: set[str] = set()
    nested: set[str] = set()
    for _, features in records.scan():
        for name, feature in features.items():
            names.add(name)
            if _length(feature) > 1:
                nested.add(name)
    from local_engine.events import Note

    for name in sorted(nested):
        request.note(Note(f"feature {name!r} holds more than one value and is left out"))
    columns = sorted(names - nested)

    def frames() -> Iterator[Any]:
        rows: list[Any] = []
        for _, features in records.scan():
            rows.append(features)
            if len(rows) == _CHUNK:
                yield _frame(rows, columns)
                rows = []
        if rows:
            yield _frame(rows, columns)

    return _TableRecords(records, look(frames(), columns, request), columns)


def _image_name(features: Any, request: Request) -> str:
    for name in IMAGE_NAMES:
        if name in features and _header(features, name) is not None:
            return name
    found = [str(name) for name in sorted(features) if _header(features, name) is not None]
    if len(found) != 1:
        raise request.error(
            f"{'none' if not found else len(found)} of its features is an encoded png or jpg",
            hint=f"name it {' or '.join(IMAGE_NAMES)}",
            choices=tuple(sorted(features)),
        )
    return found[0]


def _label_name(features: Any, request: Request) -> str | None:
    name = request.target if request.target is not None and request.target in features else None
    if request.target is None:
        name = next((known for known in LABEL_NAMES if known in features), None)
    if name is None and request.needs_target:
        raise request.error(
            f"its records have no {request.target or ' or '.join(LABEL_NAMES)}",
            hint="data: {target: FEATURE} names the label",
            choices=tuple(sorted(features)),
            field="data.target",
        )
    return name


def _header(features: Any, name: str) -> Header | None:
    values: list[bytes] = list(features[name].bytes_list.value) if name in features else []
    return read_header(io.BytesIO(values[0])) if len(values) == 1 else None


def _length(feature: Any) -> int:
    kind = feature.WhichOneof("kind")
    return len(getattr(feature, kind).value) if kind else 0


def _scalar(features: Any, name: str) -> Any:
    """The one value of a feature, bytes as text, None where there is none."""
    if name not in features or not _length(features[name]):
        return None
    value = getattr(features[name], features[name].WhichOneof("kind")).value[0]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _series(values: list[Any]) -> Any:
    import pandas as pd

    return pd.Series(values).infer_objects()


def _frame(rows: list[Any], names: list[str]) -> Any:
    import pandas as pd

    return pd.DataFrame({name: _series([_scalar(features, name) for features in rows]) for name in names})
