"""Orders that are a function of a seed alone, the same in every version of NumPy and on every machine."""

from __future__ import annotations

import numpy as np

from local_engine.data.inputs import Array


def permutation(n: int, seed: int) -> Array:
    """A permutation of `range(n)`, int64, drawn by sorting a hash of (seed, position): splitmix64 (Steele et al., 2014)."""
    with np.errstate(over="ignore"):
        state = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(_mix(seed))
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return np.argsort(state, kind="stable")


def _mix(seed: int) -> int:
    """One round over the seed itself, so that neighbouring seeds do not give shifted copies of one stream."""
    value = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % 2**64
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
    return value ^ (value >> 31)
