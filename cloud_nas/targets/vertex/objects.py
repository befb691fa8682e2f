"""What is known of an object in Cloud Storage, and how large one may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloud_nas.errors import FailedError
from cloud_nas.files import in_words

LARGEST = 20 * 1024**3
"""Bytes of the largest file that is downloaded."""

SMALL = 32 * 2**20
"""Bytes of the largest object that is read whole."""

SHA256 = "sha256"
"""The key of the metadata that has the hash of what was uploaded."""


@dataclass(frozen=True)
class Object:
    """Something in a bucket: URI, size in bytes, the generation that tells it from what was there before, metadata."""

    uri: str
    bytes: int
    generation: int
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Of the content, as whoever uploaded it said; empty where nobody did."""
        return self.metadata.get(SHA256, "")


def require_small(found: Object, limit: int) -> None:
    """Ends here where an object is too large.

    Raises:
        FailedError: it is.
    """
    if found.bytes > limit:
        raise FailedError(f"{found.uri} has {in_words(found.bytes)}; more than {in_words(limit)} are not downloaded")
