"""How many workers a machine holds at a time."""

from __future__ import annotations

from dataclasses import dataclass

from local_engine.workers import cuda, gpus, limits
from local_engine.workers.gpus import Gpu

WORKER_BYTES = 900_000_000
"""Memory of a worker without rows: Python, TensorFlow, and a small model with its traces (measured: 0.6 to 0.9 GB)."""

COPIES = 2
"""How often the rows may be in a worker's memory besides the pages that all share: as tensors, and shuffled."""


@dataclass(frozen=True)
class Machine:
    """What there is to train on, as far as this process may use it.

    Args:
        cores: processor cores.
        memory_bytes: memory that is free.
        gpus: the GPUs that are visible to this process.
        cuda: whether the libraries are there that TensorFlow needs for them.
    """

    cores: int
    memory_bytes: int
    gpus: tuple[Gpu, ...] = ()
    cuda: bool = True

    @classmethod
    def here(cls) -> Machine:
        """This machine, now."""
        seen = gpus.visible()
        return cls(limits.cores(), limits.memory_bytes(), seen, bool(seen) and cuda.libraries_there())


def workers_that_fit(machine: Machine, data_bytes: int) -> int:
    """How many workers train side by side without GPUs, at least 1: no more than there are cores, or than memory holds.

    Args:
        machine: where.
        data_bytes: size of the rows in memory.
    """
    return max(1, min(machine.cores, workers_in_memory(machine, data_bytes)))


def workers_in_memory(machine: Machine, data_bytes: int) -> int:
    """How many workers the memory holds, which may be none."""
    return machine.memory_bytes // (WORKER_BYTES + COPIES * max(0, data_bytes))
