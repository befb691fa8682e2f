"""Google's regions, machines and GPUs, as of November 2026: what can be told of a setting without asking there."""

from __future__ import annotations

LOCATIONS = (
    "africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3", "asia-south1",
    "asia-south2", "asia-southeast1", "asia-southeast2", "australia-southeast1", "australia-southeast2", "europe-central2",
    "europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west12", "europe-west2", "europe-west3",
    "europe-west4", "europe-west6", "europe-west8", "europe-west9", "me-central1", "me-central2", "me-west1",
    "northamerica-northeast1", "northamerica-northeast2", "southamerica-east1", "southamerica-west1", "us-central1",
    "us-east1", "us-east4", "us-east5", "us-east7", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4", "us-west8",
)  # fmt: skip
"""In alphabetical order; without `global`, which trains nothing."""

OWN_GPUS: dict[str, tuple[str, int]] = {
    **{f"g2-standard-{cpus}": ("NVIDIA_L4", 1) for cpus in (4, 8, 12, 16, 32)},
    "g2-standard-24": ("NVIDIA_L4", 2),
    "g2-standard-48": ("NVIDIA_L4", 4),
    "g2-standard-96": ("NVIDIA_L4", 8),
    **{f"g4-standard-{48 * gpus}": ("NVIDIA_RTX_PRO_6000", gpus) for gpus in (1, 2, 4, 8)},
    **{f"a2-highgpu-{gpus}g": ("NVIDIA_TESLA_A100", gpus) for gpus in (1, 2, 4, 8)},
    "a2-megagpu-16g": ("NVIDIA_TESLA_A100", 16),
    **{f"a2-ultragpu-{gpus}g": ("NVIDIA_A100_80GB", gpus) for gpus in (1, 2, 4, 8)},
    **{f"a3-highgpu-{gpus}g": ("NVIDIA_H100_80GB", gpus) for gpus in (1, 2, 4, 8)},
    "a3-edgegpu-8g": ("NVIDIA_H100_80GB", 8),
    "a3-megagpu-8g": ("NVIDIA_H100_MEGA_80GB", 8),
    "a3-ultragpu-8g": ("NVIDIA_H200_141GB", 8),
    "a4-highgpu-8g": ("NVIDIA_B200", 8),
}
"""Machines that come with GPUs, which their request has to name."""

ATTACHED: dict[str, tuple[int, ...]] = {
    "NVIDIA_TESLA_P4": (1, 2, 4),
    "NVIDIA_TESLA_P100": (1, 2, 4),
    "NVIDIA_TESLA_T4": (1, 2, 4),
    "NVIDIA_TESLA_V100": (1, 2, 4, 8),
}
"""GPUs that are put into a machine of the family n1, and how many may be."""

_WITH_OWN = ("g2-", "g4-", "a2-", "a3-", "a4-", "a4x-")
_NOT_FOR_TRAINING = ("c3", "c3d", "c4", "n2d")
_TOO_SMALL = {"n1-standard-1": "n1-standard-4", "n1-standard-2": "n1-standard-4", "e2-standard-2": "e2-standard-4"}


def gpus(machine: str, accelerator: str | None, count: int) -> tuple[str, int] | None:
    """The GPUs of a machine as a request names them: its own, else those that are asked for; None where it has none."""
    own = OWN_GPUS.get(machine)
    if own is not None:
        return own
    return None if accelerator is None else (accelerator, count)


def machine_problem(machine: str, accelerator: str | None = None) -> tuple[str, str] | None:
    """Why nothing can be trained on a machine, and the way out; None: it can, or is newer than this table."""
    if machine in _TOO_SMALL:
        return f"{machine} trains nothing: it is too small", f"the smallest of its kind is {_TOO_SMALL[machine]}"
    family = machine.partition("-")[0]
    if family in _NOT_FOR_TRAINING:
        return f"machines of the family {family} train nothing", "n1-standard-8 or n2-standard-8 do; g2-standard-8 with a GPU"
    if accelerator is None and machine.startswith(_WITH_OWN) and machine not in OWN_GPUS:
        there = [name for name in OWN_GPUS if name.startswith(family)] or list(OWN_GPUS)
        return (
            f"the GPUs of {machine} are not known here",
            f"there are {', '.join(there)}; else say its `accelerator` and `accelerators`",
        )
    return None


def gpu_problem(machine: str, accelerator: str, count: int | None) -> tuple[str, str] | None:
    """Why a machine and these GPUs do not go together, and the way out; None: they do.

    Args:
        machine: its type.
        accelerator: of the GPUs.
        count: how many; None: as many as the machine comes with, else one.
    """
    own = OWN_GPUS.get(machine)
    if own is not None:
        if accelerator == own[0] and count in (None, own[1]):
            return None
        asked = accelerator if accelerator != own[0] else f"{count} of them"
        return (
            f"{machine} has {own[1]} x {own[0]}, not {asked}",
            "leave `accelerator` and `accelerators` out: the machine has its own",
        )
    if machine.startswith(_WITH_OWN):
        return None
    if accelerator in ATTACHED:
        if not machine.startswith("n1-"):
            return f"{machine} takes no {accelerator}", "n1 machines do, such as n1-standard-8"
        if (count or 1) not in ATTACHED[accelerator]:
            numbers = ", ".join(map(str, ATTACHED[accelerator]))
            return f"{count} x {accelerator} cannot be had in one machine", f"`accelerators` is one of {numbers}"
        return None
    with_it = [name for name, (kind, _) in OWN_GPUS.items() if kind == accelerator]
    if with_it:
        return f"{machine} takes no {accelerator}", f"machines that come with it: {', '.join(with_it)}"
    kinds = sorted({*ATTACHED, *(kind for kind, _ in OWN_GPUS.values())})
    return f"{accelerator} is no GPU that can train here", f"one of {', '.join(kinds)}"
