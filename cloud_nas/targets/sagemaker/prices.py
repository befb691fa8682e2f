"""What things cost at SageMaker: the user's own table beats what was last read from AWS's list, and that the few that we ship.

A thing is called `ml.m5.xlarge` (training, an hour), `transform:ml.m5.xlarge` (batch transform, an hour), `storage` (a GB and
month of a training job's disk) or `s3` (a GB and month in S3). A price that is not known is None, never 0.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cloud_nas.errors import UsageError
from cloud_nas.home import home

STORAGE = "storage"
S3 = "s3"
TRANSFORM = "transform:"
SCHEMA = 1

Origin = Literal["user", "list", "shipped"]


@dataclass(frozen=True)
class Price:
    """US dollars for an hour, or for a GB and month; `date` is ISO (empty: the user's own, undated), `source` who said so."""

    region: str
    what: str
    usd: float
    date: str
    source: str
    origin: Origin

    @property
    def unit(self) -> str:
        """What the price is for."""
        return "GB-month" if self.what in (STORAGE, S3) else "hour"

    def words(self) -> str:
        """`$0.23/h (2026-09-24)`."""
        unit = "h" if self.unit == "hour" else self.unit
        return f"${self.usd:.6g}/{unit} ({self.date or 'your own table'})"


def find(region: str, what: str) -> Price | None:
    """The price of a thing in a region; None where nobody knows it.

    Raises:
        UsageError: the user's table cannot be read.
    """
    return table(region).get(what)


def table(region: str) -> dict[str, Price]:
    """All that is known of a region, by what it is.

    Raises:
        UsageError: the user's table cannot be read.
    """
    found: dict[str, Price] = {}
    for layer in (_shipped(), _listed(region), _users()):
        found |= {price.what: price for price in layer if price.region == region}
    return found


def regions() -> tuple[str, ...]:
    """The regions that anything is known of, in order.

    Raises:
        UsageError: the user's table cannot be read.
    """
    listed = (path.stem.removeprefix("sagemaker-") for path in _folder().glob("sagemaker-*.json"))
    return tuple(sorted({price.region for price in (*_shipped(), *_users())} | set(listed)))


def user_table() -> Path:
    """The file that a user may write; it need not be there."""
    from platformdirs import user_config_path

    return user_config_path("cloud-nas", appauthor=False) / "prices.toml"


def listed_file(region: str) -> Path:
    """What was last read from AWS's list of a region; it need not be there."""
    return _folder() / f"sagemaker-{region}.json"


def way_out(region: str, what: str) -> str:
    """What gives an unknown price: the command that reads AWS's list, and the lines to add by hand."""
    name = what if what in (STORAGE, S3) else f'"{what}"'
    unit = "USD a GB and month" if what in (STORAGE, S3) else "USD an hour"
    refresh = f"cloud-nas prices refresh --on sagemaker:tuning --region {region}"
    return f"{refresh}, or add to {user_table()}: [sagemaker.{region}] and below it {name} = 0.00 ({unit})"


def _shipped() -> tuple[Price, ...]:
    path = Path(__file__).parent / "price_table.toml"
    return tuple(_from_toml(tomllib.loads(path.read_text(encoding="utf-8")), path, "shipped"))


def _users() -> tuple[Price, ...]:
    path = user_table()
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="mend it, or delete it", code="CN403") from error
    try:
        return tuple(_from_toml(tomllib.loads(text), path, "user"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="mend it, or delete it", code="CN403") from error


def _listed(region: str) -> tuple[Price, ...]:
    """What was read from AWS's list. A file that is torn or of another version counts as none: reading it again is cheap."""
    try:
        value = json.loads(listed_file(region).read_text(encoding="utf-8"))
        if value["schema"] != SCHEMA:
            return ()
        date, source = str(value["published"]), str(value["source"])
        prices = {str(what): float(usd) for what, usd in value["prices"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(Price(region, what, usd, date, source, "list") for what, usd in prices.items() if _sensible(usd))


def _from_toml(value: Mapping[str, Any], path: Path, origin: Origin) -> Iterator[Price]:
    tables = value.get("sagemaker", {})
    if not isinstance(tables, dict):
        raise _wrong(path, "sagemaker", "it is a table for each region: [sagemaker.eu-west-1]")
    for region, entries in tables.items():
        if not isinstance(entries, dict):
            raise _wrong(path, f"sagemaker.{region}", f"it is a table: [sagemaker.{region}]")
        for what, entry in entries.items():
            told = entry if isinstance(entry, dict) else {"price": entry}
            usd = told.get("price")
            if isinstance(usd, bool) or not isinstance(usd, (int, float)) or not _sensible(usd):
                raise _wrong(path, f'sagemaker.{region}."{what}"', "a price is a number of US dollars, above 0")
            yield Price(region, what, float(usd), str(told.get("date", "")), str(told.get("source", "your own table")), origin)


def _sensible(usd: float) -> bool:
    return math.isfinite(usd) and usd > 0


def _wrong(path: Path, key: str, rule: str) -> UsageError:
    return UsageError(f"{path}: {key} is not a price", hint=rule, code="CN403")


def _folder() -> Path:
    return home() / "prices"
