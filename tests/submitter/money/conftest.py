"""AWS's price list on loopback, in its own form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ..loopback import Answer, serving

COLUMNS = (
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange", "EndingRange", "Unit",
    "PricePerUnit", "Currency", "RelatedTo", "Product Family", "serviceCode", "usageType", "operation", "Component",
    "Instance Name", "Region Code",
)  # fmt: skip


def price_file(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    """A file of the list: five lines about itself, the header, a line a price."""
    preamble = [
        '"FormatVersion","v1.0"',
        '"Disclaimer","This pricing list is for informational purposes only."',
        '"Publication Date","2026-11-02T10:11:12Z"',
        '"Version","20261102101112"',
        '"OfferCode","AmazonSageMaker"',
    ]
    usual = {"TermType": "OnDemand", "Unit": "Hrs", "Currency": "USD"}
    lines = [",".join(f'"{(usual | row).get(name, "")}"' for name in columns) for row in rows]
    return "\n".join((*preamble, ",".join(f'"{name}"' for name in columns), *lines)) + "\n"


@dataclass
class PriceList:
    """What the server gives by path, and what it was asked for."""

    url: str
    files: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, service: str, region: str, text: str) -> None:
        """A service's file."""
        self.files[f"/offers/v1.0/aws/{service}/current/{region}/index.csv"] = text


@pytest.fixture
def price_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[PriceList]:
    """The list, empty at first; `prices refresh` goes there."""
    served = PriceList("")

    def answer(method: str, path: str) -> Answer:
        served.asked.append(path)
        if path in served.redirects:
            return Answer(302, headers={"Location": served.redirects[path]})
        text = served.files.get(path)
        return Answer(404) if text is None else Answer(200, text.encode())

    with serving(answer) as served.url:
        monkeypatch.setenv("CLOUD_NAS_PRICES_ENDPOINT", served.url)
        yield served


@pytest.fixture
def my_prices(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes the user's own table."""
    from cloud_nas.targets.price_tables import user_table

    def write(text: str) -> None:
        path = user_table()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write
