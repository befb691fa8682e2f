"""Which variables of the environment are AWS's, and a rehearsal without them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from cloud_nas.rehearse import environ

_KEPT = ("AWS_MAX_ATTEMPTS",)


def applied(values: Mapping[str, str]) -> AbstractContextManager[None]:
    """Takes every AWS variable away and puts these in, until the block ends."""
    return environ.applied(values, lambda name: name.startswith("AWS_") and name not in _KEPT)
