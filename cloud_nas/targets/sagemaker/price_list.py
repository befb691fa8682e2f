"""AWS's public list of prices, which needs no credentials: a file of comma-separated values for each service and region.

A file of SageMaker's has some 100,000 lines, of which some hundreds are ours; it is read as a stream and never kept.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from cloud_nas.errors import UnreachableError, UsageError
from cloud_nas.targets.price_lists import changed, endpoint, opened, unreachable, without
from cloud_nas.targets.price_tables import user_table
from cloud_nas.targets.sagemaker import prices

ENDPOINT = "https://pricing.us-east-1.amazonaws.com"
_WHOSE = "AWS"
MOST_BYTES = 512 * 1024 * 1024
"""Of one file; SageMaker's of all regions together is some 70 MB."""

_PREAMBLE = 20
"""Lines before the header, at most; it was 5."""

_MACHINE = re.compile(r"(?:[A-Z0-9]+-)?(Train|Tsform):(ml\.[a-z0-9-]+\.[a-z0-9-]+)")
_DISK = re.compile(r"(?:[A-Z0-9]+-)?Train:VolumeUsage(?:\.gp2)?")
_S3 = re.compile(r"(?:[A-Z0-9]+-)?TimedStorage-ByteHrs")


def refresh(region: str) -> dict[str, float]:
    """Reads a region's prices and keeps them; gives them by what they are for.

    Raises:
        UnreachableError: the list cannot be reached.
        UsageError: AWS has no list for the region, or the endpoint that was set is not one.
        FailedError: the list is not what it was.
    """
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region):
        raise UsageError(f"{region!r} is no AWS region", hint="--region eu-west-1")
    if region.startswith("cn-"):
        raise UsageError("AWS lists its prices in China elsewhere, in yuan", hint=f"write them into {user_table()}")
    published, found = _listed("AmazonSageMaker", region)
    with contextlib.suppress(UsageError, UnreachableError):  # what stays in the bucket is priced where that is known
        found |= _listed("AmazonS3", region)[1]
    if not any(what.startswith("ml.") for what in found):
        raise without(_WHOSE, region)
    prices.TABLE.keep(region, published, "AWS bulk price list", found)
    return found


def _listed(service: str, region: str) -> tuple[str, dict[str, float]]:
    """The day of publication, and the prices that are ours, of one service's list."""
    url = f"{endpoint(ENDPOINT)}/offers/v1.0/aws/{service}/current/{region}/index.csv"
    with opened(url, _WHOSE, region) as answer:
        return _read(answer, url)


def _read(answer: BinaryIO, url: str) -> tuple[str, dict[str, float]]:
    """The day of publication, and the prices; of several for the same thing (tiers of size) the highest."""
    found: dict[str, float] = {}
    stream = io.BufferedReader(_Capped(answer))
    try:
        is_json = stream.peek(1)[:1] == b"{"
        published, rows = _json_rows(stream) if is_json else _csv_rows(stream)
        for row in rows:
            what = _what(row)
            usd = 0.0 if what is None else float(row["priceperunit"])
            if what is not None and usd > 0:
                found[what] = max(found.get(what, 0.0), usd)
    except (csv.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise changed(url, _WHOSE, str(error)) from error
    except OSError as error:
        raise unreachable(url, _WHOSE, str(error)) from error
    return published, found


def _csv_rows(stream: BinaryIO) -> tuple[str, Iterator[dict[str, str]]]:
    lines = csv.reader(io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline=""))
    published, header = _header(lines)
    return published, (dict(zip(header, values, strict=False)) for values in lines)


def _json_rows(stream: BinaryIO) -> tuple[str, Iterator[dict[str, str]]]:
    """The same of the list's other form, which endpoints that are not AWS may give; it is read whole."""
    value = json.load(stream)

    def rows() -> Iterator[dict[str, str]]:
        for sku, offers in value["terms"]["OnDemand"].items():
            usage = value["products"][sku]["attributes"]["usagetype"]
            for offer in offers.values():
                for one in offer["priceDimensions"].values():
                    for currency, price in one["pricePerUnit"].items():
                        told = {"termtype": "OnDemand", "usagetype": usage, "unit": one["unit"]}
                        yield told | {"currency": currency, "priceperunit": price}

    return str(value.get("publicationDate", ""))[:10], rows()


def _header(lines: Iterator[list[str]]) -> tuple[str, list[str]]:
    published = ""
    for _, values in zip(range(_PREAMBLE), lines, strict=False):
        names = [re.sub(r"[^a-z0-9]", "", value.lower()) for value in values]
        if {"usagetype", "unit", "priceperunit", "termtype", "currency"} <= set(names):
            return published, names
        if len(values) == 2 and names[0] == "publicationdate":
            published = values[1][:10]
    raise ValueError("its columns are others")


def _what(row: Mapping[str, str]) -> str | None:
    """What a line is the price of; None where it is nothing of ours. Reserved machines and plans are told by term and unit."""
    if row.get("termtype") != "OnDemand" or row.get("currency") != "USD":
        return None
    usage, unit = row.get("usagetype", ""), row.get("unit", "")
    machine = _MACHINE.fullmatch(usage)
    if machine and unit.lower() in ("hrs", "hours"):
        return machine[2] if machine[1] == "Train" else f"{prices.TRANSFORM}{machine[2]}"
    if unit == "GB-Mo":
        return prices.STORAGE if _DISK.fullmatch(usage) else prices.S3 if _S3.fullmatch(usage) else None
    return None


class _Capped(io.RawIOBase):
    """A stream that ends with an error where it is longer than any list of prices."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = MOST_BYTES

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"it is longer than {MOST_BYTES} bytes")
        buffer[: len(data)] = data
        return len(data)
