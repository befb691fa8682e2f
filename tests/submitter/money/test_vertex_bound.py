"""The bound of a Vertex request's caps: no run that keeps to them, as the service restarts and bills it, costs more."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.targets.plan import Cost, Request, Upload
from cloud_nas.targets.vertex import cost
from cloud_nas.targets.vertex.cost import PREEMPTIONS, RETRIES, SLACK, Caps

LOCATION = "us-central1"
MONTH = 730 * 3600
GPUS = st.sampled_from([("n1-standard-8", None, 0), ("n1-standard-4", "NVIDIA_TESLA_T4", 2), ("g2-standard-8", "NVIDIA_L4", 1)])
PRICES = {"n1-standard-8": 0.4369977, "n1-standard-4": 0.21849885 + 2 * 0.4025, "g2-standard-8": 0.981667959}
"""Of the machines with their GPUs, an hour."""


@st.composite
def capped(draw: st.DrawFn) -> Caps:
    """Caps as requests of ours carry them."""
    machine, gpu, count = draw(GPUS)
    return Caps(
        jobs=draw(st.integers(1, 40)),
        timeout=draw(st.integers(1, 5_000)),
        machine=machine,
        accelerator=gpu,
        accelerators=count,
        volume=draw(st.integers(1, 500)),
        spot=draw(st.booleans()),
        retries=draw(st.booleans()),
        machines=draw(st.integers(1, 3)),
    )


def simulated(caps: Caps, seed: int) -> float:
    """The bill of one run, as a service bills that keeps to the caps in its own way.

    A start loads the image, trains until it is done, has reached its cap, is taken away or fails, and ends; all of it is billed.
    How often it is started again is what Google says; the clock of the cap begins anew each time.
    """
    chance = random.Random(seed)
    seconds = 0.0
    for _ in range(caps.jobs):
        taken = PREEMPTIONS if caps.spot else 0
        failed = RETRIES if caps.retries else 0
        while True:
            before = chance.choice([0.0, chance.uniform(0, SLACK / 2), SLACK / 2])
            after = chance.choice([0.0, chance.uniform(0, SLACK / 2), SLACK / 2])
            trained = min(chance.choice([chance.uniform(0, 2 * caps.timeout), 10 * caps.timeout]), caps.timeout)
            seconds += (before + trained + after) * caps.machines
            happened = chance.choice(["done", "taken", "failed"])
            if happened == "taken" and taken:
                taken -= 1
            elif happened == "failed" and failed:
                failed -= 1
            else:
                break
    return seconds * (PRICES[caps.machine] / 3600 + caps.volume * 0.1955 / MONTH)


@given(capped(), st.integers(0, 2**32))
def test_no_run_within_its_caps_costs_more_than_the_bound(caps: Caps, seed: int) -> None:
    found = cost.bound_of(LOCATION, caps)
    assert found is not None
    assert found.kind == "bound"
    assert simulated(caps, seed) <= found.amount + 1e-9


def test_without_slack_or_starts_the_bound_would_be_none() -> None:
    """The simulation can overrun both: the property above would not hold without either."""
    once = Caps(4, 600, "n1-standard-8", volume=30)
    often = dataclasses.replace(once, spot=True, retries=True)
    for caps, bare in ((once, dataclasses.replace(once, timeout=600 - SLACK)), (often, once)):
        found = cost.bound_of(LOCATION, bare)
        assert found is not None
        assert max(simulated(caps, seed) for seed in range(400)) > found.amount


@given(capped(), st.floats(0.01, 5000))
def test_what_is_said_to_fit_does_fit_and_one_more_does_not(caps: Caps, money: float) -> None:
    trials, runtime = cost.fitting(LOCATION, caps, money)

    def price(**changes: Any) -> float:
        found = cost.bound_of(LOCATION, dataclasses.replace(caps, **changes))
        assert found is not None
        return found.amount

    assert price(jobs=max(trials, 1)) <= money + 2e-4 or trials == 0
    assert price(jobs=trials + 1) > money - 2e-4
    if runtime:
        assert price(timeout=runtime) <= money + 2e-4
    if runtime < 7 * 24 * 3600:
        assert price(timeout=runtime + 1) > money - 2e-4


def request(**scheduling: Any) -> Request:
    pool = {
        "machineSpec": {"machineType": "n1-standard-4", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 2},
        "replicaCount": 1,
        "diskSpec": {"bootDiskSizeGb": 100},
    }
    spec = {"workerPoolSpecs": [pool], "scheduling": {"timeout": "3600s", **scheduling}}
    return Request(
        "aiplatform", "CreateHyperparameterTuningJob", {"hyperparameterTuningJob": {"maxTrialCount": 30, "trialJobSpec": spec}}
    )


def bound(**scheduling: Any) -> Cost:
    found = cost.bound({"location": LOCATION}, request(**scheduling))
    assert found is not None
    return found


def test_the_formula_says_how_the_bound_comes_about() -> None:
    found = bound(disableRetries=True)
    hourly = 0.21849885 + 2 * 0.4025 + 100 * 0.1955 / 730
    assert found.amount == pytest.approx(30 * 4200 / 3600 * hourly, abs=1e-4)
    assert found.formula == (
        "30 jobs x (3600 s + 600 s slack) x ($0.218499/h (2026-10-07) for n1-standard-4 in us-central1 + "
        "2 x $0.4025/h (2026-11-24) for NVIDIA_TESLA_T4 in us-central1 + 100 GB of disk x $0.1955/GB-month (2025-08-16)) = $36.76"
        "; slack: image, start and end of each job"
    )


def test_every_start_that_the_service_may_make_counts_and_is_told() -> None:
    once = bound(disableRetries=True).amount
    assert bound().amount == pytest.approx(6 * once, abs=1e-3)
    assert "30 jobs x 6 starts (1, 5 after errors) x" in bound().formula
    spot = bound(strategy="SPOT")
    assert spot.amount == pytest.approx(12 * once, abs=1e-3)
    assert "12 starts (1, 6 after preemption, 5 after errors)" in spot.formula
    assert "the discount of spot machines is not counted" in spot.formula


def test_a_cap_that_is_not_sent_is_the_services_own() -> None:
    spec = {"workerPoolSpecs": [{"machineSpec": {"machineType": "n1-standard-4"}}]}
    caps = cost.caps_of(Request("aiplatform", "CreateCustomJob", {"customJob": {"jobSpec": spec}}))
    assert caps == Caps(1, 604_800, "n1-standard-4", volume=100, retries=True)


@pytest.mark.parametrize(
    ("place", "hours", "amount"),
    [
        ({"task": "classification"}, 1, 21.252),
        ({"task": "regression"}, 3, 63.756),
        ({"task": "image", "model": "cloud"}, 8, 27.72),
        ({"task": "image", "model": "edge-fast"}, 1, 18.0),
    ],
)
def test_automl_is_estimated_by_node_hours_in_every_region(place: dict[str, Any], hours: float, amount: float) -> None:
    found = cost.automl_estimate({"location": "asia-east1", **place}, node_hours=hours)
    assert found is not None
    assert (found.amount, found.kind) == (amount, "estimate")
    assert "what is cancelled is charged, what fails is not" in found.formula


def test_a_batch_prediction_is_estimated_on_its_own_machine() -> None:
    place = {"location": LOCATION, "task": "regression", "machine": "n1-standard-8"}
    found = cost.batch_estimate(place, machine="n1-standard-4")
    assert found is not None
    assert (found.amount, found.kind) == (0.2185, "estimate")
    assert cost.batch_estimate({**place, "machine": "n9-standard-4"}) is None
    image = cost.batch_estimate({**place, "task": "image"})
    assert image is not None
    assert image.amount == 2.222


def test_what_was_spent_is_seconds_times_price_and_nothing_where_that_is_not_known() -> None:
    place = {
        "location": LOCATION,
        "machine": "n1-standard-4",
        "accelerator": None,
        "accelerators": 0,
        "volume": 0,
        "kind": "tuning",
    }
    found = cost.actual(place, {"1": 3600, "2": 1800})
    assert found is not None
    assert found.amount == pytest.approx(1.5 * 0.21849885, abs=1e-6)
    assert cost.actual({**place, "location": "me-west1"}, {"1": 1}) is None
    assert cost.actual({**place, "kind": "automl"}, {"1": 1}) is None
    told = cost.automl_actual({**place, "task": "classification"}, 0.5)
    assert told is not None
    assert told.amount == 10.626


def test_what_stays_is_told_by_folder_with_what_it_costs_a_month() -> None:
    place = {"location": LOCATION, "project": "p", "bucket": "b", "prefix": "k/"}
    uploads = [
        Upload("a", "gs://b/k/data/1/a", 10**9),
        Upload("b", "gs://b/k/data/1/b", 10**9),
        Upload("c", "gs://b/k/code/2/c", 1),
        Upload("d", "gs://b/k/runs/r/1/d", 5),
    ]
    found = cost.remains(place, uploads, "gs://b/k/runs/r/1/")
    assert [(one.uri, one.bytes) for one in found[:3]] == [
        ("gs://b/k/code/2/", 1),
        ("gs://b/k/data/1/", 2 * 10**9),
        ("gs://b/k/runs/r/1/", 5),
    ]
    assert found[1].monthly == 0.04
    assert [one.bytes for one in found[3:]] == [None, None]
