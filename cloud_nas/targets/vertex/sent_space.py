"""The space of a tuning job at Vertex AI, which its trials' values are read with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.targets import sent_space
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sent_space import values
from cloud_nas.targets.vertex.storage import Storage

if TYPE_CHECKING:
    from local_engine.space.flat import Space

__all__ = ["space_of", "values"]

CODE = "CLOUD_NAS_CODE"
"""The variable of the container that says where its code is."""


def space_of(remote: Remote, found: Mapping[str, Any]) -> Space | None:
    """The space that a tuning job searches; None where its code is gone, or is not of this version."""
    pools = found.get("trialJobSpec", {}).get("workerPoolSpecs", ())
    variables = [one for pool in pools for one in pool.get("containerSpec", {}).get("env", ())]
    folder = next((str(one.get("value", "")) for one in variables if one.get("name") == CODE), None)
    return sent_space.space_of(folder, Storage(remote.place).read) if folder else None
