"""How fast a model answers on this machine, and how large it is: measured warm, as it is used here."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from local_engine.training.predicting import KerasModel, LoadedModel

if TYPE_CHECKING:
    from local_engine.data import Part

WARM, SINGLE, BATCHES, ROWS = 3, 25, 5, 1024
"""Calls before anything is measured; rows one by one; batches, and rows of one."""


@dataclass(frozen=True)
class Speed:
    """Milliseconds for one row (median of single calls), rows a second in batches (median), threads that were used.

    `params` is how many numbers the model learnt; None where it does not say.
    """

    latency_ms: float
    throughput: float
    threads: int
    params: int | None = None


def measure(model: LoadedModel, part: Part, *, clock: Callable[[], float] = time.perf_counter) -> Speed | None:
    """Measures on rows of `part`; None where it has none.

    Args:
        model: loaded in this process.
        part: raw rows.
        clock: seconds.
    """
    single = [raw for raw, _ in islice(part.batches(1), SINGLE)]
    batch = next((raw for raw, _ in part.batches(min(ROWS, part.n))), None) if part.n else None
    if not single or batch is None:
        return None
    for number in range(WARM):
        model.outputs(single[number % len(single)])
    one = statistics.median(_timed(model, single[number % len(single)], clock) for number in range(SINGLE))
    model.outputs(batch)
    many = statistics.median(_timed(model, batch, clock) for _ in range(BATCHES))
    return Speed(1000 * one, min(ROWS, part.n) / many if many > 0 else 0.0, threads(), _params(model))


def threads() -> int:
    """How many threads an operation may use: what TensorFlow was told, else the cores that this process may run on."""
    import tensorflow as tf

    told = int(tf.config.threading.get_intra_op_parallelism_threads())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return told or cores or 1


def _params(model: LoadedModel) -> int | None:
    return int(model.model.count_params()) if isinstance(model, KerasModel) else None


def _timed(model: LoadedModel, raw: Any, clock: Callable[[], float]) -> float:
    begun = clock()
    model.outputs(raw)
    return clock() - begun
