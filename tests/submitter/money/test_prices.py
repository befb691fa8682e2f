"""`prices`: what comes with us, AWS's list, the user's own table; and what happens where one of them is not in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.errors import FailedError, UnreachableError, UsageError
from cloud_nas.operations.prices import prices, refresh
from cloud_nas.targets.sagemaker import price_list as reading
from cloud_nas.targets.sagemaker.prices import TABLE, find

from .conftest import COLUMNS, PriceList, price_file

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

REGION = "eu-north-1"
TRAINING = {"usageType": "EUN1-Train:ml.m5.xlarge", "PricePerUnit": "0.2450000000"}


def usd(what: str, region: str = REGION) -> float | None:
    found = find(region, what)
    return None if found is None else found.usd


def test_every_price_that_we_ship_has_a_date_and_a_source() -> None:
    rows = prices()
    assert {row.region for row in rows if row.provider == "sagemaker"} == {"us-east-1", "eu-west-1"}
    assert {row.region for row in rows if row.provider == "vertex"} >= {"us-central1", "everywhere"}
    assert all(len(row.date) == 10 and row.source for row in rows)
    assert all(0 < row.usd < 50 for row in rows)


def test_refresh_reads_machines_disks_and_buckets_from_the_public_list(price_list: PriceList) -> None:
    others = [
        {"usageType": "EUN1-Host:ml.m5.xlarge", "PricePerUnit": "9"},
        {"usageType": "EUN1-TrainingPlanUpfrontFee:ml.m5.xlarge", "PricePerUnit": "0.01", "Unit": "Quantity"},
        {**TRAINING, "TermType": "Reserved", "PricePerUnit": "0.1"},
        {**TRAINING, "Currency": "CNY", "PricePerUnit": "99"},
        {"usageType": "EUN1-Train:ml.free.xlarge", "PricePerUnit": "0.0000000000"},
        {"usageType": "EUN1-Tsform:ml.m5.xlarge", "PricePerUnit": "0.2460000000"},
        {"usageType": "EUN1-Train:VolumeUsage.gp2", "PricePerUnit": "0.1463", "Unit": "GB-Mo"},
    ]
    price_list.put("AmazonSageMaker", REGION, price_file(TRAINING, *others))
    tiers = [{"usageType": "EUN1-TimedStorage-ByteHrs", "Unit": "GB-Mo", "PricePerUnit": one} for one in ("0.022", "0.023")]
    price_list.put("AmazonS3", REGION, price_file(*tiers))
    rows = refresh("sagemaker:tuning", REGION)
    assert {row.what: row.usd for row in rows} == {
        "ml.m5.xlarge": 0.245,
        "transform:ml.m5.xlarge": 0.246,
        "storage": 0.1463,
        "s3": 0.023,
    }
    assert {row.date for row in rows} == {"2026-11-02"}
    assert usd("ml.m5.xlarge") == 0.245


def test_the_lists_other_form_is_read_as_well(price_list: PriceList) -> None:
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": "0.2450000000"}}
    value = {
        "publicationDate": "2026-11-02T10:11:12Z",
        "products": {"SKU1": {"attributes": {"usagetype": "EUN1-Train:ml.m5.xlarge"}}},
        "terms": {"OnDemand": {"SKU1": {"SKU1.J": {"priceDimensions": {"SKU1.J.6": dimension}}}}},
    }
    price_list.put("AmazonSageMaker", REGION, json.dumps(value))
    assert [(row.what, row.usd, row.date) for row in refresh("sagemaker:tuning", REGION)] == [
        ("ml.m5.xlarge", 0.245, "2026-11-02")
    ]
    price_list.put("AmazonSageMaker", REGION, json.dumps({"terms": []}))
    with pytest.raises(FailedError, match="not what it was"):
        refresh("sagemaker:tuning", REGION)


def test_prices_of_the_stand_in_are_read(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_PRICES_ENDPOINT", cloud.environment()["AWS_ENDPOINT_URL"])
    refresh("sagemaker:tuning", REGION)
    assert usd("ml.g5.xlarge") == 1.408


def test_machines_are_priced_where_the_list_of_buckets_cannot_be_read(price_list: PriceList) -> None:
    price_list.put("AmazonSageMaker", REGION, price_file(TRAINING))
    refresh("sagemaker:engine", REGION)
    assert usd("ml.m5.xlarge") == 0.245
    assert usd("s3") is None


def test_the_region_is_awss_own_where_none_is_named(price_list: PriceList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    price_list.put("AmazonSageMaker", REGION, price_file(TRAINING))
    assert refresh("sagemaker:tuning")[0].region == REGION


def test_ones_own_table_beats_the_list_and_the_list_what_is_shipped(
    price_list: PriceList, my_prices: Callable[[str], None]
) -> None:
    price_list.put("AmazonSageMaker", "us-east-1", price_file({**TRAINING, "usageType": "USE1-Train:ml.m5.xlarge"}))
    assert usd("ml.m5.xlarge", "us-east-1") == 0.23
    refresh("sagemaker:tuning", "us-east-1")
    assert usd("ml.m5.xlarge", "us-east-1") == 0.245
    assert usd("ml.g5.xlarge", "us-east-1") == 1.408
    own = '[sagemaker.us-east-1]\n"ml.m5.xlarge" = 0.18\nstorage = {price = 0.1, date = "2026-11-01", source = "ours"}\n'
    my_prices(own)
    assert usd("ml.m5.xlarge", "us-east-1") == 0.18
    disk = find("us-east-1", "storage")
    assert disk is not None
    assert (disk.usd, disk.date, disk.source) == (0.1, "2026-11-01", "ours")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sagemaker.eu-west-1]\n"ml.m5.xlarge" = "0,257"\n', 'sagemaker.eu-west-1."ml.m5.xlarge"'),
        ('[sagemaker.eu-west-1]\n"ml.m5.xlarge" = 0\n', "is not a price"),
        ('[sagemaker.eu-west-1]\n"ml.m5.xlarge" = -1.0\n', "is not a price"),
        ('[sagemaker.eu-west-1]\n"ml.m5.xlarge" = nan\n', "is not a price"),
        ('[sagemaker.eu-west-1]\n"ml.m5.xlarge" = true\n', "is not a price"),
        ("sagemaker = 3\n", "sagemaker is not a price"),
        ("[sagemaker]\neu-west-1 = 3\n", "sagemaker.eu-west-1"),
        ("[sagemaker.eu-west-1\n", "is not TOML"),
    ],
)
def test_a_table_with_a_mistake_is_told_and_not_guessed_at(my_prices: Callable[[str], None], text: str, said: str) -> None:
    my_prices(text)
    with pytest.raises(UsageError) as told:
        find("us-east-1", "ml.m5.xlarge")
    assert said in told.value.message
    assert told.value.code == "CN403"


@pytest.mark.parametrize("torn", ["", "{", '{"schema": 2}', '{"schema": 1, "prices": []}', "[]"])
def test_a_torn_copy_of_the_list_counts_as_none(torn: str) -> None:
    path = TABLE.listed_file("us-east-1")
    path.parent.mkdir(parents=True)
    path.write_text(torn)
    assert usd("ml.m5.xlarge", "us-east-1") == 0.23


def test_a_list_that_has_changed_is_told_and_what_was_known_stays(price_list: PriceList) -> None:
    price_list.put("AmazonSageMaker", REGION, price_file(TRAINING))
    refresh("sagemaker:tuning", REGION)
    without = tuple(name for name in COLUMNS if name != "usageType")
    for text in (price_file(TRAINING, columns=without), "<html>", "", price_file({**TRAINING, "PricePerUnit": "free"})):
        price_list.put("AmazonSageMaker", REGION, text)
        with pytest.raises(FailedError, match="not what it was"):
            refresh("sagemaker:tuning", REGION)
    price_list.put("AmazonSageMaker", REGION, price_file())
    with pytest.raises(FailedError, match="no price of a training machine"):
        refresh("sagemaker:tuning", REGION)
    assert usd("ml.m5.xlarge") == 0.245


def test_a_list_without_an_end_is_cut_off(price_list: PriceList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 2000)
    price_list.put("AmazonSageMaker", REGION, price_file(*[TRAINING] * 200))
    with pytest.raises(FailedError, match="longer than 2000 bytes"):
        refresh("sagemaker:tuning", REGION)


def test_a_region_that_aws_does_not_list_is_told_from_a_list_that_does_not_answer(
    price_list: PriceList, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="lists no prices for eu-north-7"):
        refresh("sagemaker:tuning", "eu-north-7")
    monkeypatch.setenv("CLOUD_NAS_PRICES_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UnreachableError) as told:
        refresh("sagemaker:tuning", REGION)
    assert told.value.exit_status == 10


@pytest.mark.parametrize("url", ["http://example.com", "ftp://127.0.0.1", "file:///etc/passwd", "nonsense"])
def test_prices_come_over_https_or_from_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_PRICES_ENDPOINT", url)
    with pytest.raises(UsageError, match="read over https"):
        refresh("sagemaker:tuning", REGION)


def test_no_redirect_is_followed_to_where_we_would_not_go(price_list: PriceList) -> None:
    path = f"/offers/v1.0/aws/AmazonSageMaker/current/{REGION}/index.csv"
    price_list.redirects[path] = "http://example.com/prices"
    with pytest.raises(UsageError, match="read over https"):
        refresh("sagemaker:tuning", REGION)


@pytest.mark.parametrize(("on", "region"), [("local", REGION), ("sagemaker:tuning", "../x"), ("sagemaker:tuning", "cn-north-1")])
def test_what_has_no_public_list_is_told_before_anything_is_asked(price_list: PriceList, on: str, region: str) -> None:
    with pytest.raises(UsageError):
        refresh(on, region)
    assert price_list.asked == []


def test_prices_are_listed_and_refreshed_by_the_command(screen: Callable[..., Any], price_list: PriceList) -> None:
    price_list.put("AmazonSageMaker", REGION, price_file(TRAINING))
    done = screen("prices", "refresh", "--on", "sagemaker:tuning", "--region", REGION, "--json")
    assert done.status == 0
    assert json.loads(done.stdout)["prices"][0]["price"] == {"amount": 0.245, "currency": "USD"}
    listed = screen("prices", "--region", REGION)
    (line,) = [one for one in listed.stdout.splitlines() if one.startswith("sagemaker\t")]
    assert line.split("\t") == [
        "sagemaker",
        REGION,
        "ml.m5.xlarge",
        "0.245",
        "hour",
        "2026-11-02",
        "AWS bulk price list",
    ]
    assert screen("prices", "refresh").status == 2
    assert screen("prices", "--on", "sagemaker:tuning").status == 2
