"""What a project is allowed of a thing, by the name that Google's Service Usage has for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from cloud_nas.spec.google_machines import gpus
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.machine_shapes import SHAPES

_API = "aiplatform.googleapis.com"
_GPUS = {
    "NVIDIA_TESLA_T4": "t4",
    "NVIDIA_TESLA_P4": "p4",
    "NVIDIA_TESLA_P100": "p100",
    "NVIDIA_TESLA_V100": "v100",
    "NVIDIA_TESLA_A100": "a100",
    "NVIDIA_A100_80GB": "a100_80gb",
    "NVIDIA_L4": "l4",
    "NVIDIA_H100_80GB": "h100",
}
DEFAULTS = {
    "custom_model_training_nvidia_l4_gpus": 0,
    "custom_model_training_nvidia_a100_80gb_gpus": 0,
    "custom_model_training_nvidia_h100_gpus": 0,
}
"""What projects have everywhere before they ask, as far as it is nothing."""


def metrics(place: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The quotas that one machine of a place counts against, and how much of each it takes.

    Args:
        place: has `machine`, `accelerator`, `accelerators` and `spot`.
    """
    machine = str(place["machine"])
    family = machine.partition("-")[0]
    if machine in SHAPES and family in ("n1", "e2", "n2"):
        yield f"custom_model_training_{'' if family != 'n2' else 'n2_'}cpus", SHAPES[machine][0]
    found = gpus(machine, place.get("accelerator"), int(place.get("accelerators") or 1))
    if found is not None and found[0] in _GPUS:
        spot = "preemptible_" if place.get("spot") else ""
        yield f"custom_model_training_{spot}nvidia_{_GPUS[found[0]]}_gpus", found[1]


def quota(client: Client, metric: str) -> int | None:
    """How much a project may have of it in the client's location; None where there is no such quota, -1 without a limit.

    Raises:
        CloudNasError: it cannot be asked for.
    """
    name = quote(f"{_API}/{metric}", safe="")
    path = f"v1beta1/projects/{client.project}/services/{_API}/consumerQuotaMetrics/{name}"
    found = client.get_json(client.url("serviceusage.googleapis.com", path)) or {}
    buckets = [one for limit in found.get("consumerQuotaLimits", ()) for one in limit.get("quotaBuckets", ())]
    here = [one for one in buckets if (one.get("dimensions") or {}).get("region") == client.location]
    everywhere = [one for one in buckets if not one.get("dimensions")]
    for one in (*here, *everywhere):
        return int(one.get("effectiveLimit", 0))
    return None
