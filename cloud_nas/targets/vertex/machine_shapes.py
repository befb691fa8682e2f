"""What Google's machines are made of: their price is that of their processors and their memory."""

from __future__ import annotations

from cloud_nas.spec.google_machines import OWN_GPUS

_MEMORY: dict[str, tuple[float, tuple[int, ...]]] = {
    "e2-highcpu": (1.0, (16, 32)),
    "e2-highmem": (8.0, (2, 4, 8, 16)),
    "e2-standard": (4.0, (4, 8, 16, 32)),
    "n1-highcpu": (0.9, (16, 32, 64, 96)),
    "n1-highmem": (6.5, (2, 4, 8, 16, 32, 64, 96)),
    "n1-standard": (3.75, (4, 8, 16, 32, 64, 96)),
    "n2-highcpu": (1.0, (16, 32, 48, 64, 80, 96)),
    "n2-highmem": (8.0, (2, 4, 8, 16, 32, 48, 64, 80)),
    "n2-standard": (4.0, (4, 8, 16, 32, 48, 64, 80)),
    "g2-standard": (4.0, (4, 8, 12, 16, 24, 32, 48, 96)),
}
"""By kind: GB of memory for each virtual processor, and how many of these there are."""

_WHOLE: dict[str, tuple[int, float]] = {
    **{f"a2-highgpu-{gpus}g": (12 * gpus, 85.0 * gpus) for gpus in (1, 2, 4, 8)},
    **{f"a2-ultragpu-{gpus}g": (12 * gpus, 170.0 * gpus) for gpus in (1, 2, 4, 8)},
    "a2-megagpu-16g": (96, 1360.0),
    "a3-highgpu-8g": (208, 1872.0),
}
"""Virtual processors and GB of memory."""

SHAPES: dict[str, tuple[int, float]] = {
    **{f"{kind}-{cpus}": (cpus, memory * cpus) for kind, (memory, sizes) in _MEMORY.items() for cpus in sizes},
    **_WHOLE,
}
"""By type of machine: virtual processors, and GB of memory."""


def price_of(machine: str, parts: dict[str, float]) -> float | None:
    """US dollars an hour for a machine with the GPUs that it comes with; None where a part's price is not known.

    Args:
        machine: its type, one of `SHAPES`.
        parts: by family, `n1:core` and `n1:ram` (a GB); by GPU, `NVIDIA_L4`.
    """
    cpus, memory = SHAPES[machine]
    family = machine.partition("-")[0]
    needed = [(f"{family}:core", float(cpus)), (f"{family}:ram", memory)]
    if machine in OWN_GPUS:
        gpu, count = OWN_GPUS[machine]
        needed.append((gpu, float(count)))
    if any(what not in parts for what, _ in needed):
        return None
    return sum(parts[what] * count for what, count in needed)
