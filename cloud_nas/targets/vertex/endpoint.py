"""Where Vertex AI is: at Google, or where `CLOUD_NAS_VERTEX_ENDPOINT` says. Only a loopback may be spoken to in the open."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from cloud_nas.errors import UsageError

VARIABLE = "CLOUD_NAS_VERTEX_ENDPOINT"


@dataclass(frozen=True)
class Endpoint:
    """An address without a slash at its end; `anonymous`: it is this machine's own, and no credentials go there."""

    address: str
    anonymous: bool

    def url(self, host: str, path: str) -> str:
        """Where another of Google's services is asked: a loopback stands for them all."""
        return f"{self.address if self.anonymous else f'https://{host}'}/{path.lstrip('/')}"


def endpoint(location: str) -> Endpoint:
    """Where the jobs of a location are.

    Raises:
        UsageError: the variable names a place that would be spoken to in the open, or none at all.
    """
    chosen = os.environ.get(VARIABLE, "").strip().rstrip("/")
    if not chosen:
        return Endpoint(f"https://{location}-aiplatform.googleapis.com", anonymous=False)
    parts = urlsplit(chosen)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{VARIABLE} is {chosen!r}, no address", hint=f"export {VARIABLE}=http://127.0.0.1:8080, or unset it")
    loopback = _is_loopback(parts.hostname)
    if parts.scheme == "http" and not loopback:
        hint = "https://, which keeps the credentials secret; http:// is for 127.0.0.1 alone"
        raise UsageError(f"{VARIABLE} is {chosen!r}, which is not encrypted", hint=hint)
    return Endpoint(chosen, anonymous=loopback)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
