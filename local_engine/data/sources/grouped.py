"""Rows that come by row group, shuffled within a window: groups in seeded order, some open at once, their pieces in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from local_engine.data import memory
from local_engine.data.inputs import Array, Raw, join, take
from local_engine.data.shuffle import permutation
from local_engine.seeds import derive

OPEN_GROUPS = 4


@dataclass(frozen=True)
class Group:
    """Rows that are read together: the position of the first in the source, how many, and the bytes that reading takes."""

    start: int
    rows: int
    bytes: int


Kind = TypeVar("Kind", bound=Group)


def in_groups(
    groups: Sequence[Kind], index: Array, order: int, row_bytes: int, pieces: Callable[[Kind, int], Iterator[tuple[Array, Raw]]]
) -> Iterator[tuple[Array, Raw]]:
    """The rows at `index` (ascending) in an order that is a function of `order`, a window of half `memory.WINDOW` at a time.

    `pieces` gives a group's rows with their positions in `index`; it is told how many groups are open together.
    """
    chosen = [group for group in groups if len(within(index, group.start, group.rows)) > 0]
    shuffled = [chosen[position] for position in permutation(len(chosen), derive(order, "groups"))]
    held: list[tuple[Array, Raw]] = []
    count, windows = 0, 0
    together = min(OPEN_GROUPS, max(1, memory.WINDOW // max([1, *(group.bytes for group in chosen)])))
    for piece in _in_turn([pieces(group, together) for group in shuffled], together):
        held.append(piece)
        count += len(piece[0])
        if 2 * count * row_bytes >= memory.WINDOW:
            window = _shuffle(held, derive(order, "window", windows))
            held, count, windows = [], 0, windows + 1  # before it is handed on: the rows need not be held twice
            memory.give_back()
            yield window
    if held:
        yield _shuffle(held, derive(order, "window", windows))


def piece_rows(together: int, row_bytes: int) -> int:
    """Rows a piece: a sixteenth of the window over all groups open `together`."""
    return max(64, memory.WINDOW // (16 * together) // row_bytes)


def within(index: Array, start: int, rows: int) -> Array:
    """Positions in `index` (ascending) of the rows from `start` on."""
    first, last = np.searchsorted(index, [start, start + rows])
    return np.arange(first, last)


def _in_turn(sources: list[Iterator[tuple[Array, Raw]]], together: int) -> Iterator[tuple[Array, Raw]]:
    """A piece of each of the first `together` in turn; one that ends is followed by the next."""
    waiting = iter(sources)
    active = [source for _, source in zip(range(together), waiting, strict=False)]
    while active:
        for source in list(active):
            piece = next(source, None)
            if piece is not None:
                yield piece
                continue
            active.remove(source)
            active += [following for _, following in zip(range(1), waiting, strict=False)]


def _shuffle(held: list[tuple[Array, Raw]], seed: int) -> tuple[Array, Raw]:
    positions = np.concatenate([positions for positions, _ in held])
    order = permutation(len(positions), seed)
    tables = [rows for _, rows in held if isinstance(rows, dict)]
    if not tables:  # texts
        return positions[order], take(join([rows for _, rows in held]), order)
    # Column by column, each given up where it was: rows and shuffled rows are never both whole.
    return positions[order], {key: np.concatenate([table.pop(key) for table in tables])[order] for key in list(tables[0])}
