"""A place for each worker: how many there are, and what each one may use of the processor and of the GPUs.

Two things are settled before a worker's first operation, by the environment it is started with and by what it sets itself: how
many threads TensorFlow uses, and how much of a GPU's memory it takes (all of it, unless told otherwise).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_engine.errors import EngineError
from local_engine.workers import cuda
from local_engine.workers.fitting import Machine, workers_in_memory, workers_that_fit
from local_engine.workers.gpus import Gpu

SHARED_PERCENT = 90
"""How much of a GPU's memory the workers on it share; the rest is for what each of them holds outside of TensorFlow's pool."""

_NO_GPU = "-1"
"""Hides all GPUs; an empty CUDA_VISIBLE_DEVICES does so too, but not everywhere can a variable be empty."""


@dataclass(frozen=True)
class Slot:
    """One worker's place.

    Args:
        index: 0 to one less than there are workers.
        threads: threads that TensorFlow uses for one operation.
        gpu: what CUDA_VISIBLE_DEVICES gets (`0`, a UUID); None: it trains without a GPU.
        memory_mb: limit in MiB on that GPU where workers share it; None: memory is taken as it is needed.
    """

    index: int
    threads: int
    gpu: str | None = None
    memory_mb: int | None = None


def slots(
    parallel: int | None, gpus: Sequence[str] | None, *, machine: Machine, data_bytes: int, most: int | None = None
) -> tuple[Slot, ...]:
    """A place for each worker.

    Args:
        parallel: how many workers; None: one a GPU, and without GPUs as many as cores and memory let.
        gpus: ids of the GPUs to use; None: all visible ones, where the libraries for them are installed; empty: none.
        machine: where.
        data_bytes: size of the rows in memory.
        most: no more workers than this, which is what the search can use; None: as many as there may be.

    Returns:
        At least one. More workers than GPUs take turns at them and share their memory evenly.

    Raises:
        EngineError: a GPU is not there, or `parallel` is less than 1.
    """
    if parallel is not None and parallel < 1:
        raise EngineError(f"{parallel} workers cannot train", hint="ask for 1 or more, or leave it to the machine")
    used = _chosen(gpus, machine)
    if parallel is None:
        # Workers on GPUs wait for them most of the time: more of these than cores do no harm.
        count = min(len(used), max(1, workers_in_memory(machine, data_bytes))) if used else workers_that_fit(machine, data_bytes)
    else:
        count = parallel
    count = max(1, count if most is None else min(count, most))
    threads = max(1, machine.cores // count)
    if not used:
        return tuple(Slot(index, threads) for index in range(count))
    sharing = Counter(index % len(used) for index in range(count))
    return tuple(
        Slot(index, threads, used[index % len(used)].id, _share(used[index % len(used)], sharing[index % len(used)]))
        for index in range(count)
    )


def why_without_gpus(machine: Machine, gpus: Sequence[str] | None) -> str | None:
    """What to tell somebody whose GPUs `slots` leaves alone though nobody said so; None where it does not."""
    if gpus is not None or not machine.gpus or machine.cuda:
        return None
    names = ", ".join(dict.fromkeys(gpu.name for gpu in machine.gpus))
    return f'{names} is not used: CUDA\'s libraries are not installed (pip install "cloud-nas[gpu]")'


def environment(slot: Slot, base: Mapping[str, str]) -> dict[str, str]:
    """The environment that a worker is started with: `base`, with what its place asks for."""
    threads = str(slot.threads)
    own = {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",  # as nvidia-smi counts
        "CUDA_VISIBLE_DEVICES": _NO_GPU if slot.gpu is None else slot.gpu,
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "LOKY_MAX_CPU_COUNT": threads,  # what scikit-learn takes for all cores
    }
    if slot.gpu is not None:
        own |= {"TF_FORCE_GPU_ALLOW_GROWTH": "true", **cuda.search_paths(base)}
    return {**base, **own}


def configure(slot: Slot) -> None:
    """Has this process keep to its place; before TensorFlow's first operation.

    Raises:
        EngineError: TensorFlow does not see the GPU.
    """
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(slot.threads)
    tf.config.threading.set_inter_op_parallelism_threads(slot.threads)
    if slot.gpu is None:
        return
    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        raise EngineError(
            f"TensorFlow does not see GPU {slot.gpu}",
            hint="`cloud-nas doctor gpu` says why; CUDA_VISIBLE_DEVICES=-1 trains without GPUs",
        )
    for device in devices:
        if slot.memory_mb is None:
            tf.config.experimental.set_memory_growth(device, True)
        else:
            limit = tf.config.LogicalDeviceConfiguration(memory_limit=slot.memory_mb)
            tf.config.set_logical_device_configuration(device, [limit])


def _chosen(names: Sequence[str] | None, machine: Machine) -> tuple[Gpu, ...]:
    """The GPUs with these names, each once."""
    if names is None:
        return machine.gpus if machine.cuda else ()
    chosen: dict[Gpu, None] = {}
    for name in names:
        called = [gpu for gpu in machine.gpus if gpu.is_called(name)]
        if len(called) != 1:
            there = ", ".join(f"{gpu.id} ({gpu.name})" for gpu in machine.gpus)
            what = f"there is no GPU {name!r}" if not called else f"more than one GPU begins with {name!r}"
            raise EngineError(what, hint=f"there are: {there}" if there else "no GPU is visible; `cloud-nas doctor gpu` says why")
        chosen[called[0]] = None
    return tuple(chosen)


def _share(gpu: Gpu, workers: int) -> int | None:
    """MiB of `gpu` for each of so many workers; None for one alone, or where nobody knows how much there is."""
    if workers == 1 or not gpu.memory_mb:
        return None
    return max(1, gpu.memory_mb * SHARED_PERCENT // 100 // workers)
