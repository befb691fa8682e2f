"""Seeds derived from seeds, so that every random choice is a function of where it is made.

A trial's seed comes from the study's seed and the trial's number; an epoch's from the trial's seed and the epoch. A resumed
search therefore draws what an undisturbed one would have drawn.
"""

from __future__ import annotations

import hashlib


def derive(seed: int, *path: int | str) -> int:
    """A seed in [0, 2**31) that depends on `seed` and on every part of `path`, and on nothing else.

    sha256 rather than arithmetic: neighbouring seeds give unrelated streams, and the value is the same on every machine and
    in every version of Python.
    """
    text = "/".join([str(seed), *(f"{type(part).__name__}:{part}" for part in path)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
