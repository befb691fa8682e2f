"""`--max-cost` against a plan, and `cost` of runs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.errors import RefusedError
from cloud_nas.home import run_folder
from cloud_nas.operations._money import check_cost
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Money
from cloud_nas.targets.plan import Plan, Remains, Request
from cloud_nas.targets.sagemaker import cost
from local_engine.files import write_json


def plan(*, jobs: int = 30, runtime: int = 3600, region: str = "us-east-1", instance: str = "ml.m5.xlarge") -> Plan:
    definition = {
        "ResourceConfig": {"InstanceType": instance, "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": runtime},
    }
    limits = {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 4}
    body = {"HyperParameterTuningJobConfig": {"ResourceLimits": limits}, "TrainingJobDefinition": definition}
    request = Request("sagemaker", "CreateHyperParameterTuningJob", body)
    place = {"region": region, "instance": instance, "volume": 30, "kind": "tuning"}
    return Plan("sagemaker:tuning", requests=(request,), place=place, max_cost=cost.bound(region, request))


def estimated() -> Plan:
    place = {"region": "us-east-1", "instance": "ml.m5.xlarge", "volume": 30, "kind": "autopilot", "max_runtime": 3600}
    found = cost.autopilot_estimate(place, candidates=4, seconds=None)
    return Plan("sagemaker:autopilot", place=place, max_cost=found)


def refusal(*args: Any, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as told:
        check_cost(*args, **options)
    assert told.value.exit_status == 9
    return told.value


def test_what_fits_its_cap_goes_on_and_no_cap_asks_nothing() -> None:
    check_cost(plan(), 8.02)
    check_cost(plan(region="eu-north-1"), None)
    check_cost(estimated(), None)


def test_over_the_cap_names_the_trials_and_the_run_time_that_would_fit_and_they_do() -> None:
    told = refusal(plan(), 4.0)
    assert told.code == "CN401"
    assert told.message == "it could cost $8.02, and may cost $4.00"
    assert told.hint == "would fit: budget.trials: 14 or targets.sagemaker.max_runtime: 1556s"
    check_cost(plan(jobs=14), 4.0)
    check_cost(plan(runtime=1556), 4.0)
    assert refusal(plan(jobs=15), 4.0).code == "CN401"
    assert refusal(plan(runtime=1560), 4.0).code == "CN401"


def test_where_nothing_fits_nothing_is_proposed() -> None:
    assert refusal(plan(), 0.01).hint == "not even one trial of a minute would fit: take a smaller instance"


def test_an_unknown_price_is_refused_with_the_command_and_the_line_that_mend_it() -> None:
    told = refusal(plan(region="eu-north-1"), 1e9)
    assert told.code == "CN402"
    assert "ml.m5.xlarge in eu-north-1" in told.message
    assert told.hint is not None
    assert told.hint.startswith("cloud-nas prices refresh --on sagemaker:tuning --region eu-north-1, or add to ")
    assert '[sagemaker.eu-north-1] and below it "ml.m5.xlarge" = ' in told.hint


def test_an_unknown_disk_is_refused_too(my_prices: Callable[[str], None]) -> None:
    my_prices('[sagemaker.eu-north-1]\n"ml.m5.xlarge" = 0.245\n')
    told = refusal(plan(region="eu-north-1"), 1e9)
    assert "a training job's disk in eu-north-1" in told.message
    assert "storage = " in str(told.hint)
    my_prices('[sagemaker.eu-north-1]\n"ml.m5.xlarge" = 0.245\nstorage = 0.15\n')
    check_cost(plan(region="eu-north-1"), 9.0)


def test_an_estimate_is_compared_only_where_it_was_accepted() -> None:
    assert refusal(estimated(), 1e9).code == "CN404"
    check_cost(estimated(), 1e9, accept_estimate=True)
    assert refusal(estimated(), 0.5, accept_estimate=True).message.startswith("it is estimated to cost $")


def row(run_id: str, **changes: Any) -> RunRow:
    identity = Identity(spec="s", code="c", data="d", target="sagemaker:tuning")
    made = RunRow(run_id, "digits", "sagemaker:tuning", "running", "0" * 64, identity, remote=f"{run_id}-1")
    return dataclasses.replace(made, **changes)


def test_cost_tells_the_bound_what_was_billed_so_far_and_the_end(screen: Callable[..., Any]) -> None:
    with Registry() as registry:
        registry.create(row("r-aaaaa", cost=Money(1.25)))
        registry.create(row("r-bbbbb", state="succeeded", cost=Money(0.004), created_at="2026-01-01T00:00:00Z"))
        registry.create(row("r-ccccc", target="local", remote=None, created_at="2025-01-01T00:00:00Z"))
    kept = (Remains("what was uploaded", "s3://b/k/", 10**9, 0.023), Remains("logs", "/aws/sagemaker/"))
    intent = dataclasses.replace(plan(), remains=kept).to_json()
    path = run_folder("r-aaaaa") / "intents" / "1.json"
    path.parent.mkdir(parents=True)
    write_json(path, intent)
    told = json.loads(screen("cost", "--json").stdout)
    assert told["schema"] == "cloud-nas/cost@1"
    at_work, ended = told["runs"]
    assert (at_work["so_far"], at_work["actual"]) == ({"amount": 1.25, "currency": "USD"}, None)
    assert at_work["planned"]["amount"] == 8.0157
    assert at_work["monthly"] == {"amount": 0.023, "currency": "USD"}
    assert ended["actual"] == {"amount": 0.004, "currency": "USD"}
    assert ended["planned"] is None
    lines = screen("cost").stdout.splitlines()
    assert lines[1].split("\t")[4:] == ["$8.02", "bound", "$1.25", "", "$0.02"]
    assert lines[2].split("\t")[4:] == ["", "", "$0.004", "$0.004", ""]
    assert screen("cost", "r-ccccc").stdout.splitlines()[1].startswith("r-ccccc\t")
    assert screen("cost", "r-zzzzz").status == 5
