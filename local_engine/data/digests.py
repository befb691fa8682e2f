"""What a row and a data set are, as hashes over decoded values, whatever file they came from.

A row's digest is blake2b (16 bytes) over its features: numbers as little-endian float64 with one NaN and one zero, strings as
UTF-8 (by their own digest), images and arrays as type, shape and bytes. The fingerprint of a set is sha256 over what its inputs
are, the digests of its rows in order, and its labels.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

import numpy as np

from local_engine.data.inputs import Array, Inputs, Raw

SIZE = 16


def row_digests(stored: Raw) -> Array:
    """The digests of rows as stored (columns in order, not presented to a model), uint8 `(n, 16)`."""
    if isinstance(stored, dict):
        return _hash_rows(b"table", _table_bytes(stored))
    if stored.dtype == object:
        return _hash_strings(stored.ravel())
    head = f"{stored.dtype.str.lstrip('<|=')}{stored.shape[1:]}".encode()
    rows = np.ascontiguousarray(_canonical(stored) if stored.dtype.kind == "f" else stored)
    return _hash_rows(head, rows.reshape(len(rows), -1).view(np.uint8))


def keys(digests: Array, labels: Array | None) -> Array:
    """One uint64 a row out of its digest and its label, to find the same row in two parts."""
    key = np.ascontiguousarray(digests).view(np.uint64)[:, 0].copy()
    if labels is not None:
        bits = labels.astype(np.float64).view(np.uint64)
        with np.errstate(over="ignore"):
            key += bits * np.uint64(0x9E3779B97F4A7C15)
    return key


def sha256_of_rows(digests: Array) -> str:
    """The sha256 over the sorted row digests, as hexadecimal: the same for the same rows in any order."""
    return hashlib.sha256(_sort(digests).tobytes()).hexdigest()


class Fingerprint:
    """The sha256 of a set, built while its rows go by."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def begin(self, part: str, inputs: Inputs) -> None:
        """Starts a part (`rows`, or `test` for a test part of its own)."""
        head = {"part": part, "kind": inputs.kind, "shape": list(inputs.shape), "dtype": inputs.dtype}
        columns = [[column.name, column.kind] for column in inputs.columns]
        self._sha256.update(json.dumps({**head, "columns": columns}, ensure_ascii=False).encode())

    def rows(self, digests: Array) -> None:
        """Adds rows, in order."""
        self._sha256.update(np.ascontiguousarray(digests).tobytes())

    def labels(self, values: Array, names: Iterable[str]) -> None:
        """Adds the labels of the part: numbers, or codes and what they stand for."""
        self._sha256.update(json.dumps(list(names), ensure_ascii=False).encode())
        self._sha256.update(_canonical(values).tobytes())

    def hexdigest(self) -> str:
        """The fingerprint, 64 hexadecimal digits."""
        return self._sha256.hexdigest()


def in_order(digests: Iterator[Array], n: int) -> Array:
    """The digests of `n` rows that come in pieces, as one array."""
    out = np.empty((n, SIZE), np.uint8)
    start = 0
    for piece in digests:
        out[start : start + len(piece)] = piece
        start += len(piece)
    return out


def _canonical(values: Array) -> Array:
    """float64 (float32 stays) with one bit pattern for NaN and one for zero, little-endian."""
    kind = "<f4" if values.dtype == np.float32 else "<f8"
    out = values.astype(kind) + 0.0  # -0.0 + 0.0 is 0.0
    out[np.isnan(out)] = np.nan
    return out.astype(kind, copy=False)


def _table_bytes(columns: dict[str, Array]) -> Array:
    """One row of bytes a row: 8 for a number, 16 for a string."""
    blocks = []
    for values in columns.values():
        block = _hash_strings(values) if values.dtype == object else _canonical(values.astype(np.float64)).view(np.uint8)
        blocks.append(block.reshape(len(values), -1))
    return np.ascontiguousarray(np.concatenate(blocks, axis=1))


def _hash_strings(values: Array) -> Array:
    """The digest of each string, each different one hashed once."""
    known: dict[str, bytes] = {}
    out = bytearray()
    for value in values.tolist():
        digest = known.get(value)
        if digest is None:
            digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=SIZE).digest()
            if len(known) < 100_000:  # a column of texts must not be held twice
                known[value] = digest
        out += digest
    return np.frombuffer(bytes(out), np.uint8).reshape(-1, SIZE)


def _hash_rows(head: bytes, rows: Array) -> Array:
    """The digest of each row of bytes, with `head` before it."""
    base = hashlib.blake2b(head, digest_size=SIZE)
    width, view = rows.shape[1], np.ascontiguousarray(rows).reshape(-1).data
    out = bytearray()
    for start in range(0, len(rows) * width, width or 1):
        row = base.copy()
        row.update(view[start : start + width])
        out += row.digest()
    return np.frombuffer(bytes(out), np.uint8).reshape(-1, SIZE)


def _sort(rows: Array) -> Array:
    """Rows of bytes in lexicographic order."""
    halves = np.ascontiguousarray(rows).view(">u8")
    return rows[np.lexsort((halves[:, 1], halves[:, 0]))]
