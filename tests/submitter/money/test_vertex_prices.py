"""Prices at Google: what comes with us, the Cloud Billing Catalog, the user's own table; and `--max-cost` against them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.errors import FailedError, RefusedError, UnreachableError, UsageError
from cloud_nas.operations._money import check_cost
from cloud_nas.operations.prices import prices, refresh
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.vertex import cost
from cloud_nas.targets.vertex.prices import TABLE, find

from .conftest import PriceList
from .google_skus import ON, catalog, sku

REGION = "europe-west4"
LIST = "/v1/services/C7E2-9256-1C43/skus?currencyCode=USD&pageSize=5000"


def usd(what: str, region: str = REGION) -> float | None:
    found = find(region, what)
    return None if found is None else found.usd


def serve(price_list: PriceList, *skus: dict[str, Any]) -> None:
    price_list.files[LIST] = json.dumps({"skus": list(skus)})


def test_refresh_makes_machines_of_the_parts_that_the_catalog_has(price_list: PriceList) -> None:
    serve(price_list, *catalog())
    found = {row.what: row for row in refresh("vertex:tuning", REGION)}
    assert found["n1-standard-8"].usd == pytest.approx(8 * 0.04 + 30 * 0.005)
    assert found["n1-highmem-8"].usd == pytest.approx(8 * 0.04 + 52 * 0.005)
    assert found["g2-standard-8"].usd == pytest.approx(8 * 0.03 + 32 * 0.004 + 0.7)
    assert found["NVIDIA_TESLA_T4"].usd == 0.4
    assert found["storage"].usd == pytest.approx(0.219)
    assert not [what for what in found if what.startswith(("e2-", "a2-"))], "what has a part without a price has none"
    assert {(row.provider, row.region, row.date, row.source) for row in found.values()} == {
        ("vertex", REGION, "2026-11-02", "Cloud Billing Catalog")
    }
    assert usd("automl:tabular") == 21.252


def test_the_catalog_is_read_page_by_page(price_list: PriceList) -> None:
    first, second = catalog()[:1], catalog()[1:]
    price_list.files[LIST] = json.dumps({"skus": first, "nextPageToken": "more"})
    price_list.files[f"{LIST}&pageToken=more"] = json.dumps({"skus": second, "nextPageToken": ""})
    refresh("vertex:engine", REGION)
    assert usd("n1-standard-4") == pytest.approx(4 * 0.04 + 15 * 0.005)


def test_the_catalog_is_asked_with_the_login_where_no_other_list_is_named(
    price_list: PriceList, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(price_list, *catalog())
    monkeypatch.delenv("CLOUD_NAS_PRICES_ENDPOINT")
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", price_list.url)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    monkeypatch.setenv("GOOGLE_CLOUD_REGION", REGION)
    assert {row.region for row in refresh("vertex:tuning")} == {REGION}
    assert usd("NVIDIA_TESLA_T4") == 0.4


def test_a_figure_that_was_seen_on_googles_page_comes_of_its_parts(price_list: PriceList) -> None:
    core = sku(f"{ON} N1 Predefined Instance Core running in Iowa", 0.03635265, region="us-central1")
    ram = sku(f"{ON} N1 Predefined Instance Ram running in Iowa", 0.00487255, unit="GiBy.h", region="us-central1")
    serve(price_list, core, ram)
    shipped = usd("n1-standard-4", "us-central1")
    refresh("vertex:tuning", "us-central1")
    assert usd("n1-standard-4", "us-central1") == pytest.approx(shipped, abs=1e-8)


@pytest.mark.parametrize(
    "text",
    ["<html>", "[]", "{}", json.dumps({"skus": [{"description": f"{ON} x"}]}), json.dumps({"skus": 7})],
)
def test_a_catalog_that_has_changed_is_told_and_what_was_known_stays(price_list: PriceList, text: str) -> None:
    serve(price_list, *catalog())
    refresh("vertex:tuning", REGION)
    price_list.files[LIST] = text
    with pytest.raises(FailedError, match="not what it was"):
        refresh("vertex:tuning", REGION)
    assert usd("NVIDIA_TESLA_T4") == 0.4


def test_units_and_currencies_that_are_others_are_told(price_list: PriceList) -> None:
    serve(price_list, sku(f"{ON} NVIDIA L4 in Netherlands", 0.7, unit="s"))
    with pytest.raises(FailedError, match="is by s"):
        refresh("vertex:tuning", REGION)
    other = sku(f"{ON} NVIDIA L4 in Netherlands", 0.7)
    other["pricingInfo"][0]["pricingExpression"]["tieredRates"][0]["unitPrice"]["currencyCode"] = "EUR"
    serve(price_list, other)
    with pytest.raises(FailedError, match="it is in EUR"):
        refresh("vertex:tuning", REGION)


def test_a_region_without_machines_and_a_list_that_does_not_answer(
    price_list: PriceList, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(price_list, *catalog())
    with pytest.raises(FailedError, match="no price of a training machine in me-west1"):
        refresh("vertex:tuning", "me-west1")
    with pytest.raises(UsageError, match="is no Google Cloud region"):
        refresh("vertex:tuning", "../x")
    monkeypatch.setenv("CLOUD_NAS_PRICES_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UnreachableError, match="Google's price list cannot be read"):
        refresh("vertex:tuning", REGION)


def test_ones_own_table_beats_all_and_is_by_region(my_prices: Callable[[str], None]) -> None:
    my_prices('[vertex.europe-west4]\n"n1-standard-8" = 0.5\nstorage = 0.2\n[vertex.everywhere]\n"automl:tabular" = 20\n')
    assert usd("n1-standard-8") == 0.5
    assert usd("n1-standard-8", "us-central1") == 0.4369977
    assert usd("automl:tabular", "me-west1") == 20
    my_prices('[vertex.europe-west4]\n"automl:tabular" = 7\n')
    assert (usd("automl:tabular"), usd("automl:tabular", "me-west1")) == (7, 21.252)
    my_prices("vertex = 3\n")
    with pytest.raises(UsageError, match="vertex is not a price"):
        usd("n1-standard-8")


def test_prices_of_both_clouds_are_listed_together() -> None:
    rows = prices()
    assert {row.provider for row in rows} == {"sagemaker", "vertex"}
    assert {row.what for row in prices("us-central1") if row.region == "everywhere"} == {
        "automl:tabular",
        "automl:image",
        "automl:image-edge",
        "batch:image",
    }
    assert TABLE.regions() == ("everywhere", "us-central1")


def plan(*, trials: int = 30, location: str = "us-central1", timeout: int = 3600, automl: bool = False) -> Plan:
    place: dict[str, Any] = {"location": location, "machine": "n1-standard-8", "volume": 100, "kind": "tuning"}
    if automl:
        place |= {"kind": "automl", "task": "classification"}
        body = {"trainingPipeline": {"trainingTaskInputs": {"trainBudgetMilliNodeHours": 3000}}}
        made = (Request("aiplatform", "CreateTrainingPipeline", body),)
        return Plan("vertex:automl", requests=made, place=place, max_cost=cost.automl_estimate(place, node_hours=3))
    pool = {"machineSpec": {"machineType": "n1-standard-8"}, "replicaCount": 1, "diskSpec": {"bootDiskSizeGb": 100}}
    spec = {"workerPoolSpecs": [pool], "scheduling": {"timeout": f"{timeout}s", "disableRetries": True}}
    job = {"maxTrialCount": trials, "trialJobSpec": spec}
    request = Request("aiplatform", "CreateHyperparameterTuningJob", {"hyperparameterTuningJob": job})
    return Plan("vertex:tuning", requests=(request,), place=place, max_cost=cost.bound(place, request))


def refusal(*args: Any, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as told:
        check_cost(*args, **options)
    assert told.value.exit_status == 9
    return told.value


def test_over_the_cap_names_the_trials_and_the_run_time_that_would_fit_and_they_do() -> None:
    told = refusal(plan(), 8.0)
    assert (told.code, told.message) == ("CN401", "it could cost $16.23, and may cost $8.00")
    assert told.hint == "would fit: budget.trials: 14 or targets.vertex.max_runtime: 1469s"
    check_cost(plan(trials=14), 8.0)
    check_cost(plan(timeout=1469), 8.0)
    assert refusal(plan(trials=15), 8.0).code == "CN401"
    assert refusal(plan(timeout=1480), 8.0).code == "CN401"
    assert refusal(plan(), 0.01).hint == "not even one trial of a minute would fit: take a smaller machine"


def test_an_unknown_price_is_refused_with_the_command_and_the_line_that_mend_it(my_prices: Callable[[str], None]) -> None:
    told = refusal(plan(location="me-west1"), 1e9)
    assert (told.code, told.message) == (
        "CN402",
        "the price of n1-standard-8 in me-west1 is not known, so that --max-cost cannot be kept",
    )
    assert told.hint is not None
    assert told.hint.startswith("cloud-nas prices refresh --on vertex:tuning --region me-west1, or add to ")
    assert told.hint.endswith('[vertex.me-west1] and below it "n1-standard-8" = 0.00 (USD an hour)')
    my_prices('[vertex.me-west1]\n"n1-standard-8" = 0.5\n')
    assert "a job's disk in me-west1" in refusal(plan(location="me-west1"), 1e9).message
    my_prices('[vertex.me-west1]\n"n1-standard-8" = 0.5\nstorage = 0.2\n')
    check_cost(plan(location="me-west1"), 20)


def test_automls_estimate_is_compared_only_where_it_was_accepted() -> None:
    assert refusal(plan(automl=True), 1e9).code == "CN404"
    check_cost(plan(automl=True), 64, accept_estimate=True)
    assert refusal(plan(automl=True), 30, accept_estimate=True).hint == "would fit: targets.vertex.automl.node_hours: 1.4"
    assert refusal(plan(automl=True), 5, accept_estimate=True).hint == "--max-cost 63.76 would allow it"


def test_what_is_no_place_with_prices_is_told() -> None:
    with pytest.raises(UsageError, match="local has no prices"):
        refresh("local")
