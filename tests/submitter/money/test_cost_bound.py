"""The bound of a request's caps: no run that keeps to them, as the service really does, costs more."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.targets.plan import Cost, Request
from cloud_nas.targets.sagemaker import cost
from cloud_nas.targets.sagemaker.cost import GRACE, SLACK, TRANSFER, Caps

REGION = "us-east-1"
INSTANCES = st.sampled_from(["ml.m5.xlarge", "ml.m5.large", "ml.g5.xlarge", "ml.g4dn.xlarge"])
MONTH = 730 * 3600


@st.composite
def capped(draw: st.DrawFn) -> Caps:
    """Caps as requests of ours carry them; with jobs, or with a time, or both."""
    jobs = draw(st.none() | st.integers(1, 40))
    total = draw(st.none() | st.integers(120, 20_000)) if jobs is not None else draw(st.integers(120, 20_000))
    runtime = draw(st.integers(1, 5_000))
    wait = draw(st.none() | st.integers(runtime, 3 * runtime))
    machines = draw(st.integers(1, 3))
    return Caps(jobs, runtime, draw(INSTANCES), draw(st.integers(1, 500)), wait, total, draw(st.integers(1, 8)), machines)


def simulated(caps: Caps, seed: int) -> float:
    """The bill of one run: machine-seconds and disks, as a service bills that keeps to the caps in its own way.

    The cap on the run time counts neither the image and the rows before it, nor the grace and the upload after it. Spot machines
    are taken away and come back, load again, and are billed with a discount; only the whole of waiting and training has a cap.
    Jobs of a tuning job follow each other in so many places, until there were enough or its time is over.
    """
    chance = random.Random(seed)
    free = [0.0] * caps.parallel
    seconds, begun = 0.0, 0
    disks = 0.0
    while caps.jobs is None or begun < caps.jobs:
        place = min(range(caps.parallel), key=free.__getitem__)
        at = free[place]
        if caps.total_runtime is not None and at >= caps.total_runtime:
            break
        begun += 1
        left = float("inf") if caps.total_runtime is None else caps.total_runtime - at
        billed, held = _job(caps, left, chance)
        free[place] = at + held + 1.0  # a moment between two jobs, so that the simulation ends
        seconds += billed * caps.instances
        disks += held * caps.instances
        if begun > 5_000:
            break
    hourly = cost.prices.find(REGION, caps.instance)
    disk = cost.prices.find(REGION, "storage")
    assert hourly is not None
    assert disk is not None
    volume = 0.0 if cost.has_own_disk(caps.instance) else caps.volume * disk.usd
    return seconds * hourly.usd / 3600 + disks * volume / MONTH


def _job(caps: Caps, left: float, chance: random.Random) -> tuple[float, float]:
    """Seconds that are billed, and seconds that its machine was there; `left` is what the tuning job has left."""
    before = chance.choice([0.0, chance.uniform(0, TRANSFER / 2), TRANSFER / 2])
    after = chance.choice([0.0, chance.uniform(0, TRANSFER / 2), TRANSFER / 2])
    wanted = chance.choice([chance.uniform(0, 2 * caps.max_runtime), caps.max_runtime * 10])
    if caps.max_wait is None:
        trained = min(wanted, caps.max_runtime, left)
        grace = GRACE * chance.choice([0.0, chance.random(), 1.0]) if wanted > trained else 0.0
        held = before + trained + grace + after
        return held, held
    held, clock, trained = 0.0, 0.0, 0.0
    discount = chance.choice([1.0, chance.uniform(0.1, 1.0)])
    end = min(caps.max_wait, left)
    while trained < min(wanted, caps.max_runtime) and clock < end:
        clock += chance.choice([0.0, chance.uniform(0, caps.max_wait)])  # waiting for a machine, which is not billed
        loading = min(chance.uniform(0, TRANSFER / 2), max(end - clock, 0.0))
        span = min(chance.uniform(1, caps.max_runtime + 1), caps.max_runtime - trained, max(end - clock - loading, 0.0))
        clock += loading + span
        held += loading + span
        trained += span
        if span < 1e-6:
            break
    held += before + GRACE + after
    return held * discount, held


@given(capped(), st.integers(0, 2**32))
def test_no_run_within_its_caps_costs_more_than_the_bound(caps: Caps, seed: int) -> None:
    found = cost.bound_of(REGION, caps)
    assert found is not None
    assert found.kind == "bound"
    assert simulated(caps, seed) <= found.amount + 1e-9


def test_the_cap_alone_is_no_bound() -> None:
    """The simulation can overrun: without the slack the property above would not hold."""
    caps = Caps(4, 600, "ml.m5.xlarge", 30)
    bare = cost.bound_of(REGION, dataclasses.replace(caps, max_runtime=600 - SLACK))
    assert bare is not None
    assert max(simulated(caps, seed) for seed in range(200)) > bare.amount


@given(capped(), st.floats(0.01, 500))
def test_what_is_said_to_fit_does_fit_and_one_more_does_not(caps: Caps, money: float) -> None:
    caps = dataclasses.replace(caps, jobs=caps.jobs or 1, total_runtime=None)
    trials, runtime = cost.fitting(REGION, caps, money)
    ratio = None if caps.max_wait is None else caps.max_wait / caps.max_runtime

    def price(jobs: int, seconds: int) -> float:
        wait = None if ratio is None else ratio * seconds
        found = cost.bound_of(REGION, dataclasses.replace(caps, jobs=jobs, max_runtime=seconds, max_wait=wait))
        assert found is not None
        return found.amount

    rounding = 2e-4
    if trials:
        assert price(trials, int(caps.max_runtime)) <= money + rounding
    assert price(trials + 1, int(caps.max_runtime)) > money - rounding
    if runtime:
        assert price(caps.jobs or 1, runtime) <= money + rounding


def request(**changes: object) -> Request:
    definition = {
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    limits = {"MaxNumberOfTrainingJobs": 30, "MaxParallelTrainingJobs": 4} | changes
    body = {"HyperParameterTuningJobConfig": {"ResourceLimits": limits}, "TrainingJobDefinition": definition}
    return Request("sagemaker", "CreateHyperParameterTuningJob", body)


def test_the_bound_is_of_what_the_request_says_and_its_formula_adds_up() -> None:
    assert cost.bound(REGION, request()) == Cost(
        8.0157,
        "USD",
        "bound",
        "30 jobs x (3600 s + 480 s slack) x ($0.23/h (2026-09-24) for ml.m5.xlarge in us-east-1 + 30 GB of disk x "
        "$0.14/GB-month (2026-10-01)) = $8.02; slack: 120 s to stop, 360 s for image, rows and results",
    )


def test_a_cap_on_the_whole_tuning_job_bounds_it_where_it_is_the_lesser() -> None:
    by_jobs, by_time = cost.bound(REGION, request()), cost.bound(REGION, request(MaxRuntimeInSeconds=7200))
    assert by_jobs is not None
    assert by_time is not None
    assert by_time.amount == pytest.approx(by_jobs.amount * 4 * 7680 / (30 * 4080), rel=1e-3)
    assert "the lesser of" in by_time.formula


def test_machines_with_disks_of_their_own_pay_for_no_volume() -> None:
    found = cost.bound_of(REGION, Caps(1, 3600 - SLACK, "ml.g5.xlarge", 500))
    assert found is not None
    assert found.amount == 1.408
    assert "disk" not in found.formula


def test_a_request_that_starts_no_training_has_no_bound() -> None:
    assert cost.bound(REGION, Request("sagemaker", "CreateModel", {})) is None


@pytest.mark.parametrize(("region", "instance"), [(REGION, "ml.p5.48xlarge"), ("eu-north-1", "ml.m5.xlarge")])
def test_an_unknown_price_is_not_known_and_never_nothing(region: str, instance: str) -> None:
    place = {"region": region, "instance": instance, "volume": 30, "kind": "engine"}
    assert cost.bound_of(region, Caps(1, 60, instance, 30)) is None
    assert cost.actual(place, {"r-1-1": 60.0}) is None
    assert cost.missing(place) == instance
    assert cost.monthly(region, 10**9) is None


def test_what_was_billed_is_seconds_times_price() -> None:
    place = {"region": REGION, "instance": "ml.g5.xlarge", "volume": 30, "kind": "tuning"}
    spent = cost.actual(place, {"r-1-1-001-a": 1800.0, "r-1-1-002-b": 1800.0})
    assert spent is not None
    assert spent.amount == pytest.approx(1.408)


def test_what_autopilot_was_billed_needs_its_machines_types() -> None:
    place = {"region": REGION, "instance": "ml.g5.xlarge", "volume": 0, "kind": "autopilot"}
    assert cost.actual(place, {"child": 3600.0}) is None
    spent = cost.actual(place, {"child": 3600.0}, instances={"child": "ml.m5.4xlarge"})
    assert spent is not None
    assert spent.amount == pytest.approx(0.922)
