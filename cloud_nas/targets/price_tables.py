"""Tables of prices: the user's own beats what was last read from a place's public list, and that the few that we ship.

All users' prices are in one file, prices.toml in the configuration folder, a table for each place and region:
`[sagemaker.eu-west-1]`, `[vertex.europe-west4]`. A price that is not known is None, never 0.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.home import home
from cloud_nas.targets.priced import Origin, Price
from local_engine.files import write_json

SCHEMA = 1


@dataclass(frozen=True)
class PriceTable:
    """The prices of one place.

    Attributes:
        provider: the place, as the tables name it.
        shipped: the file that comes with this version.
        monthly: what is priced by the GB and month; all else is by the hour.
        example: a region, for messages.
        everywhere: the name of the table whose prices hold in every region, where the place has such.
    """

    provider: str
    shipped: Path
    monthly: tuple[str, ...]
    example: str
    everywhere: str | None = None

    def find(self, region: str, what: str) -> Price | None:
        """The price of a thing in a region; None where nobody knows it.

        Raises:
            UsageError: the user's table cannot be read.
        """
        return self.table(region).get(what)

    def table(self, region: str) -> dict[str, Price]:
        """All that is known of a region, by what it is.

        Raises:
            UsageError: the user's table cannot be read.
        """
        found: dict[str, Price] = {}
        for layer in (self._shipped(), self._listed(region), self._users()):
            for named in (self.everywhere, region):  # of a layer the region's own beats what holds everywhere
                found |= {price.what: price for price in layer if price.region == named}
        return found

    def regions(self) -> tuple[str, ...]:
        """The regions that anything is known of, in order.

        Raises:
            UsageError: the user's table cannot be read.
        """
        start = f"{self.provider}-"
        listed = (path.stem.removeprefix(start) for path in _folder().glob(f"{start}*.json"))
        return tuple(sorted({price.region for price in (*self._shipped(), *self._users())} | set(listed)))

    def known(self, region: str | None) -> list[Price]:
        """Every price that is known, of one region or of all, by region and by what it is.

        Raises:
            UsageError: the user's table cannot be read.
        """
        wanted = self.regions() if region is None else (region,)
        rows = {(price.region, price.what): price for one in wanted for price in self.table(one).values()}
        return [rows[key] for key in sorted(rows)]

    def listed_file(self, region: str) -> Path:
        """What was last read from the public list of a region; it need not be there."""
        return _folder() / f"{self.provider}-{region}.json"

    def keep(self, region: str, published: str, source: str, prices: Mapping[str, float]) -> None:
        """Keeps what was read from the public list of a region: its day, who says so, US dollars by what they are for."""
        path = self.listed_file(region)
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {"schema": SCHEMA, "region": region, "published": published, "read_at": _now(), "source": source}
        write_json(path, told | {"prices": dict(sorted(prices.items()))})

    def lines(self, region: str, what: str) -> str:
        """What to write into one's own table for a price: the file and the lines."""
        name = what if what.isidentifier() else f'"{what}"'
        unit = "USD a GB and month" if what in self.monthly else "USD an hour"
        return f"add to {user_table()}: [{self.provider}.{region}] and below it {name} = 0.00 ({unit})"

    def _shipped(self) -> tuple[Price, ...]:
        return tuple(self._from_toml(tomllib.loads(self.shipped.read_text(encoding="utf-8")), self.shipped, "shipped"))

    def _users(self) -> tuple[Price, ...]:
        path = user_table()
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}", hint="mend it, or delete it", code="CN403") from error
        try:
            return tuple(self._from_toml(tomllib.loads(text), path, "user"))
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path} is not TOML: {error}", hint="mend it, or delete it", code="CN403") from error

    def _listed(self, region: str) -> tuple[Price, ...]:
        """What was read from the list. A file that is torn or of another version counts as none: reading it again is cheap."""
        try:
            value = json.loads(self.listed_file(region).read_text(encoding="utf-8"))
            if value["schema"] != SCHEMA:
                return ()
            date, source = str(value["published"]), str(value["source"])
            prices = {str(what): float(usd) for what, usd in value["prices"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return ()
        return tuple(self._price(region, what, usd, date, source, "list") for what, usd in prices.items() if _sensible(usd))

    def _from_toml(self, value: Mapping[str, Any], path: Path, origin: Origin) -> Iterator[Price]:
        tables = value.get(self.provider, {})
        if not isinstance(tables, dict):
            raise _wrong(path, self.provider, f"it is a table for each region: [{self.provider}.{self.example}]")
        for region, entries in tables.items():
            if not isinstance(entries, dict):
                raise _wrong(path, f"{self.provider}.{region}", f"it is a table: [{self.provider}.{region}]")
            for what, entry in entries.items():
                told = entry if isinstance(entry, dict) else {"price": entry}
                usd = told.get("price")
                if isinstance(usd, bool) or not isinstance(usd, (int, float)) or not _sensible(usd):
                    raise _wrong(path, f'{self.provider}.{region}."{what}"', "a price is a number of US dollars, above 0")
                source = str(told.get("source", "your own table"))
                yield self._price(region, what, float(usd), str(told.get("date", "")), source, origin)

    def _price(self, region: str, what: str, usd: float, date: str, source: str, origin: Origin) -> Price:
        unit = "GB-month" if what in self.monthly else "hour"
        return Price(self.provider, region, what, usd, unit, date, source, origin)


def user_table() -> Path:
    """The file that a user may write; it need not be there."""
    from platformdirs import user_config_path

    return user_config_path("cloud-nas", appauthor=False) / "prices.toml"


def _sensible(usd: float) -> bool:
    return math.isfinite(usd) and usd > 0


def _wrong(path: Path, key: str, rule: str) -> UsageError:
    return UsageError(f"{path}: {key} is not a price", hint=rule, code="CN403")


def _folder() -> Path:
    return home() / "prices"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
