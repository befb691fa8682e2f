"""Which variables of the environment are Google's, and a rehearsal without them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from cloud_nas.rehearse import environ

_BEGIN = ("GOOGLE_", "CLOUDSDK_", "GCLOUD_", "GCE_METADATA_")
_ALSO = ("CLOUD_NAS_VERTEX_ENDPOINT", "STORAGE_EMULATOR_HOST", "NO_GCE_CHECK")


def applied(values: Mapping[str, str]) -> AbstractContextManager[None]:
    """Takes every variable away that Google's clients read and puts these in, until the block ends."""
    return environ.applied(values, lambda name: name.startswith(_BEGIN) or name in _ALSO)
