"""Public lists of prices: read over https alone, or from this machine."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from cloud_nas.errors import FailedError, UnreachableError, UsageError
from cloud_nas.targets.price_tables import user_table

OVERRIDE = "CLOUD_NAS_PRICES_ENDPOINT"
PATIENCE = 60.0
"""Seconds for an answer to begin, or to go on."""


def endpoint(usual: str) -> str:
    """Where a list is: at its usual address, or where the user says; plain HTTP only to this machine.

    Raises:
        UsageError: it would be read in the open.
    """
    url = os.environ.get(OVERRIDE, usual).rstrip("/")
    _check(url)
    return url


def opened(url: str, whose: str, region: str) -> Any:
    """The answer, as a stream.

    Args:
        url: of the list.
        whose: the place's name, for messages.
        region: whose prices are asked for.

    Raises:
        UnreachableError: the list cannot be reached.
        UsageError: there is none for the region, or it goes on where we would not go ourselves.
    """
    proxies = [urllib.request.ProxyHandler({})] if _is_here(url) else []
    opener = urllib.request.build_opener(_Redirects, *proxies)
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})
    try:
        return opener.open(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (403, 404):
            raise UsageError(f"{whose} lists no prices for {region}", hint=f"write them into {user_table()}") from error
        raise unreachable(url, whose, f"status {error.code}") from error
    except OSError as error:
        raise unreachable(url, whose, str(getattr(error, "reason", error))) from error


def unreachable(url: str, whose: str, why: str) -> UnreachableError:
    """The error for a list that cannot be read to its end."""
    hint = f"behind a proxy set HTTPS_PROXY; or write the prices into {user_table()}"
    return UnreachableError(f"{whose}'s price list cannot be read: {why} ({urlsplit(url).hostname})", hint=hint)


def changed(url: str, whose: str, why: str) -> FailedError:
    """The error for a list that is not what it was."""
    hint = f"write the prices into {user_table()}"
    return FailedError(f"{whose}'s price list is not what it was: {why} ({urlsplit(url).path})", hint=hint, code="CN403")


def without(whose: str, region: str) -> FailedError:
    """The error for a list that has no machine."""
    what = f"{whose}'s list has no price of a training machine in {region}"
    return FailedError(what, hint=f"write it into {user_table()}", code="CN403")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect to where we would not go ourselves."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check(url: str) -> None:
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and _is_here(url))):
        raise UsageError(f"prices are read over https, not from {url[:80]}", hint=f"unset {OVERRIDE}")


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
