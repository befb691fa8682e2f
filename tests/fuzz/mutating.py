"""Inputs made from good ones by breaking them: bytes turned, cut, doubled, spliced with another, numbers at their limits."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_LIMITS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_WORDS = (
    b"../", b"/etc/passwd", b"\0", b"\\", b"NaN", b"-1", b"1e999", b"!!python/object:os.system", b"&a [*a]", b"<<: *a", b"lambda",
    b"__reduce__", b"{", b"[", b"}", b"]", b": ", b"- ", b"\xff\xfe", b"\xe2\x80\xae", b"%s%n", b"CON", b"x" * 300,
)  # fmt: skip


def mutated(seeds: Sequence[bytes], draw: random.Random) -> bytes:
    """One of the seeds, broken in one to eight ways."""
    content = bytearray(draw.choice(seeds))
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5, 8))):
        draw.choice(_WAYS)(content, seeds, draw)
    return bytes(content[: 1 << 20])


def _turn(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    if content:
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _set(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    if content:
        content[draw.randrange(len(content))] = draw.randrange(256)


def _cut(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    start = draw.randrange(len(content) + 1)
    del content[start : start + draw.randrange(1, 64)]


def _end(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    del content[draw.randrange(len(content) + 1) :]


def _double(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    start = draw.randrange(len(content) + 1)
    content[start:start] = content[start : start + draw.randrange(1, 512)]


def _number(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    size, value = draw.choice((1, 2, 4, 8)), draw.choice(_LIMITS)
    start = draw.randrange(len(content) + 1)
    content[start : start + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, draw.choice(("little", "big")))


def _word(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    start = draw.randrange(len(content) + 1)
    word = draw.choice(_WORDS)
    content[start : start + draw.choice((0, len(word)))] = word


def _splice(content: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    other = draw.choice(seeds)
    start, take = draw.randrange(len(content) + 1), draw.randrange(len(other) + 1)
    content[start:] = other[take : take + 4096]


_WAYS: tuple[Callable[[bytearray, Sequence[bytes], random.Random], None], ...] = (
    _turn, _set, _cut, _end, _double, _number, _word, _splice,
)  # fmt: skip
