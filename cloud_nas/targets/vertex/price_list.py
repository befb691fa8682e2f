"""Google's list of prices, the Cloud Billing Catalog: pages of JSON, read with the login that jobs are sent with.

There is no price of a machine in it, only of processors, memory, GPUs and disks, told apart by their descriptions. Those that are
read here begin as bills have them, "Vertex AI: Training/Pipelines on N1 Predefined Instance Core running in Iowa"; what is put
otherwise is left out, and stays unknown. "Management fee on" is of machines that Compute Engine bills, and not read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from cloud_nas.errors import UnreachableError, UsageError
from cloud_nas.spec.google_machines import ATTACHED, OWN_GPUS
from cloud_nas.targets.price_lists import OVERRIDE, changed, endpoint, opened, unreachable, without
from cloud_nas.targets.vertex import prices
from cloud_nas.targets.vertex.machine_shapes import SHAPES, price_of

HOST = "cloudbilling.googleapis.com"
SERVICE = "services/C7E2-9256-1C43"
"""Vertex AI."""

MOST_BYTES = 64 * 1024 * 1024
"""Of one page."""

_WHOSE = "Google"
_PAGE, _PAGES = 5000, 40
_HOURS_A_MONTH = 730
_DESCRIPTION = re.compile(r"Vertex AI: Training/Pipelines on (?P<what>.+?)(?: running)?(?: in [A-Z].*)?")
_PART = re.compile(r"(?P<family>[A-Z]\d[A-Z]?) (?:Predefined )?Instance (?P<part>Core|Ram|RAM)")
_DISK = "SSD backed PD Capacity"
_GPUS = frozenset({*ATTACHED, *(kind for kind, _ in OWN_GPUS.values())})


def refresh(location: str) -> dict[str, float]:
    """Reads a location's prices and keeps them; gives them by what they are for.

    Raises:
        CredentialsError: nobody is logged in at Google.
        UnreachableError: the list cannot be reached.
        UsageError: the location, or the endpoint that was set, is none.
        FailedError: the list is not what it was, or has no machine of the location.
    """
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+\d{1,2}", location):
        raise UsageError(f"{location!r} is no Google Cloud region", hint="--region europe-west4")
    parts: dict[str, float] = {}
    day = ""
    for url, page in _pages(location):
        try:
            for what, usd, date in _of(page, location):
                parts[what] = max(parts.get(what, 0.0), usd)
                day = max(day, date)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise changed(url, _WHOSE, str(error)) from error
    found = {what: usd for what, usd in parts.items() if ":" not in what}
    machines = {machine: price for machine in SHAPES if (price := price_of(machine, parts)) is not None}
    if not machines:
        raise without(_WHOSE, location)
    prices.TABLE.keep(location, day, "Cloud Billing Catalog", found | machines)
    return found | machines


def _pages(location: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every page, with where it came from."""
    token = ""
    for _ in range(_PAGES):
        query = {"currencyCode": "USD", "pageSize": _PAGE, **({"pageToken": token} if token else {})}
        url, page = _page(f"v1/{SERVICE}/skus?{urlencode(query)}", location)
        yield url, page
        following = page.get("nextPageToken") or ""
        if not following or following == token:
            return
        token = following


def _page(path: str, location: str) -> tuple[str, Mapping[str, Any]]:
    """A page: without a login from where the user says, else from Google with one."""
    if os.environ.get(OVERRIDE):
        url = f"{endpoint(f'https://{HOST}')}/{path}"
        try:
            with opened(url, _WHOSE, location) as answer:
                content = answer.read(MOST_BYTES)
        except OSError as error:
            raise unreachable(url, _WHOSE, str(error)) from error
        try:
            page = json.loads(content)
        except ValueError as error:
            raise changed(url, _WHOSE, str(error)) from error
    else:
        from cloud_nas.targets.vertex.client import Client

        client = Client({"location": location})
        url = client.url(HOST, path)
        page = client.get_json(url)
        if page is None:
            raise UnreachableError("Google's price list is not asked from here", hint=f"unset {OVERRIDE}")
    if not isinstance(page, Mapping):
        raise changed(url, _WHOSE, "it is no page")
    return url, page


def _of(page: Mapping[str, Any], location: str) -> Iterator[tuple[str, float, str]]:
    """What of a page is ours: what it is the price of, US dollars, and the day since which it holds."""
    for sku in page["skus"]:
        if location not in sku["serviceRegions"] or sku["category"]["usageType"] != "OnDemand":
            continue
        match = _DESCRIPTION.fullmatch(sku["description"])
        what = None if match is None else _what(match["what"])
        if what is None:
            continue
        told = sku["pricingInfo"][-1]
        expression = told["pricingExpression"]
        usd = max(_dollars(rate["unitPrice"]) for rate in expression["tieredRates"])
        unit = expression["usageUnit"]
        if what == prices.STORAGE:
            usd *= {"GiBy.h": _HOURS_A_MONTH, "GBy.h": _HOURS_A_MONTH, "GiBy.mo": 1, "GBy.mo": 1}[unit]
        elif unit not in ("h", "GiBy.h", "GBy.h"):
            raise ValueError(f"{sku['description']} is by {unit}")
        if usd > 0:
            yield what, usd, str(told["effectiveTime"])[:10]


def _what(named: str) -> str | None:
    """What a description's middle is of: `n1:core`, `n1:ram`, a GPU, the disk; None where it is nothing of ours."""
    if named == _DISK:
        return prices.STORAGE
    part = _PART.fullmatch(named)
    if part is not None:
        return f"{part['family'].lower()}:{part['part'].lower()}"
    gpu = "_".join(named.upper().removesuffix(" GPU").split())
    return gpu if gpu in _GPUS else None


def _dollars(price: Mapping[str, Any]) -> float:
    if price["currencyCode"] != "USD":
        raise ValueError(f"it is in {price['currencyCode']}")
    return int(price.get("units", 0)) + int(price.get("nanos", 0)) / 1e9
