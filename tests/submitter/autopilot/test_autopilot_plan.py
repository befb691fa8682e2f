"""What Autopilot is asked for: the rows, the objective and the budget; all else is told as lost; refusals come before."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.errors import UsageError
from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job, JobName, Rows
from cloud_nas.targets.plan import Plan
from local_engine.definition import Budget, Code, Data, Definition, ModelSpace, Objective, Search
from local_engine.metrics import METRICS

NONE = Budget()
PLACE = {"region": "eu-west-1", "bucket": "my-bucket", "role": "arn:aws:iam::123456789012:role/trainer"}
SENT = Parcel(
    Path("/cache/rows"),
    (
        ParcelFile("names.json", "a" * 64, 80),
        ParcelFile("train/rows.csv", "b" * 64, 9000),
        ParcelFile("validation/rows.csv", "c" * 64, 2000),
    ),
)
LOST = {"CN351", "CN352", "CN353", "CN354"}
"""What no job of Autopilot can carry."""


def job(
    *,
    kind: Any = "table",
    classes: Mapping[str, tuple[int, int]] | None = None,
    metric: str = "accuracy",
    train: int = 800,
    budget: Budget = NONE,
    place: Mapping[str, Any] = {},
    **changes: Any,
) -> Job:
    task: Any = {"image": "image-classification", "text": "text-classification"}.get(
        kind, "tabular-regression" if classes is None else "tabular-classification"
    )
    definition = Definition(
        name="it",
        task=task,
        data=Data("/data/rows.csv", "Net Income"),
        objective=Objective(metric, METRICS[metric].goal),
        space=ModelSpace("/code/model.py", "build"),
        search=Search("bayesian", 7),
        budget=budget,
        code=Code("/code"),
    )
    target = find("sagemaker:autopilot")
    assert isinstance(target, Submits)
    columns = {"table": {"age": "number", "job title": "category"}, "text": {"body": "text"}}.get(kind, {})
    whole = Job(
        definition,
        JobName("r-7k2xq", 1, "nonce", "me"),
        Rows(kind, train, 200, 100, classes, columns, "f" * 64),
        place=target.settings({**PLACE, **place}),
        parcels={"rows": SENT},
        lines={"space.model": 6, "search.strategy": 7, "targets.sagemaker.instance": 12},
        tags={"name": "it", "spec": "s" * 64, "identity": "i" * 64},
    )
    return dataclasses.replace(whole, **changes)


def plan(**asked: Any) -> Plan:
    return find("sagemaker:autopilot").plan(job(**asked))


def body(**asked: Any) -> Mapping[str, Any]:
    (request,) = plan(**asked).requests
    assert (request.service, request.operation) == ("sagemaker", "CreateAutoMLJobV2")
    return request.body


TWO = {"no": (400, 100), "yes": (400, 100)}
TEN = {str(digit): (80, 20) for digit in range(10)}


@pytest.mark.parametrize(
    ("classes", "metric", "sent", "problem", "same"),
    [
        (TWO, "accuracy", "Accuracy", "BinaryClassification", True),
        (TWO, "auc", "AUC", "BinaryClassification", True),
        (TWO, "f1", "F1", "BinaryClassification", False),
        (TWO, "log_loss", "AUC", "BinaryClassification", False),
        (TEN, "f1", "F1macro", "MulticlassClassification", True),
        (TEN, "balanced_accuracy", "BalancedAccuracy", "MulticlassClassification", True),
        (TEN, "auc", "Accuracy", "MulticlassClassification", False),
        (None, "rmse", "RMSE", "Regression", True),
        (None, "r2", "R2", "Regression", True),
        (None, "mape", "RMSE", "Regression", False),
    ],
)
def test_a_table_is_asked_for_with_its_problem_and_metric(
    classes: Mapping[str, tuple[int, int]] | None, metric: str, sent: str, problem: str, same: bool
) -> None:
    made = plan(classes=classes, metric=metric)
    found = made.requests[0].body
    assert found["AutoMLJobObjective"] == {"MetricName": sent}
    assert found["AutoMLProblemTypeConfig"]["TabularJobConfig"]["ProblemType"] == problem
    assert {loss.code for loss in made.losses} - {"CN358", "CN359"} == LOST | (set() if same else {"CN350"})


def test_each_part_is_a_channel_and_the_mode_is_always_said() -> None:
    found = body(classes=TWO)
    channels = found["AutoMLJobInputDataConfig"]
    assert [one["ChannelType"] for one in channels] == ["training", "validation"]
    assert all(one["ContentType"] == "text/csv;header=present" and one["CompressionType"] == "None" for one in channels)
    assert [one["DataSource"]["S3DataSource"]["S3Uri"] for one in channels] == [
        f"s3://my-bucket/cloud-nas/data/{SENT.sha256}/{part}/" for part in ("train", "validation")
    ]
    assert "DataSplitConfig" not in found  # beside a validation channel it is an error
    assert found["AutoMLProblemTypeConfig"]["TabularJobConfig"]["Mode"] == "ENSEMBLING"
    assert found["AutoMLProblemTypeConfig"]["TabularJobConfig"]["TargetAttributeName"] == "Net_Income"


def test_caps_are_those_of_the_budget() -> None:
    criteria = body(classes=TWO, budget=Budget(trials=12, seconds=5400.0), place={"max_runtime": 600.0})[
        "AutoMLProblemTypeConfig"
    ]["TabularJobConfig"]["CompletionCriteria"]
    assert criteria == {
        "MaxCandidates": 12,
        "MaxRuntimePerTrainingJobInSeconds": 600,
        "MaxAutoMLJobRuntimeInSeconds": 5400,
    }


@pytest.mark.parametrize(("kind", "key"), [("image", "ImageClassificationJobConfig"), ("text", "TextClassificationJobConfig")])
def test_images_and_texts_train_one_candidate(kind: str, key: str) -> None:
    made = plan(kind=kind, classes=TEN, budget=Budget(trials=12))
    config = made.requests[0].body["AutoMLProblemTypeConfig"][key]
    assert config["CompletionCriteria"]["MaxCandidates"] == 1
    assert "CN356" in {loss.code for loss in made.losses}
    assert kind == "image" or (config["ContentColumn"], config["TargetLabelColumn"]) == ("body", "Net_Income")


def test_algorithms_and_mode_are_the_users() -> None:
    place = {"autopilot": {"mode": "hyperparameter_tuning", "algorithms": ["xgboost", "mlp"]}}
    config = body(classes=TWO, place=place)["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    assert config["Mode"] == "HYPERPARAMETER_TUNING"
    assert config["CandidateGenerationConfig"] == {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost", "mlp"]}]}


def test_networks_and_keys_of_a_company_are_in_the_request() -> None:
    place = {"subnets": ["subnet-1"], "security_groups": ["sg-1"], "kms_key": "arn:aws:kms:eu-west-1:123456789012:key/k"}
    found = body(classes=TWO, place={**place, "tags": {"team": "vision"}})
    assert found["SecurityConfig"] == {
        "VolumeKmsKeyId": place["kms_key"],
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    }
    assert found["OutputDataConfig"]["KmsKeyId"] == place["kms_key"]
    assert {"Key": "team", "Value": "vision"} in found["Tags"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"classes": TWO, "train": 410}, "410 training rows.*500"),
        ({"kind": "array", "classes": TEN}, "arrays"),
        ({"classes": {"only": (800, 200)}}, "one class"),
        ({"classes": {"no": (799, 1), "yes": (1, 199)}}, "'yes' has fewer than 2"),
        ({"classes": TWO, "budget": Budget(trials=751)}, "at most 750"),
        ({"classes": TWO, "place": {"autopilot": {"mode": "ensembling", "algorithms": ["mlp"]}}}, "no algorithm 'mlp'"),
    ],
)
def test_what_autopilot_would_refuse_is_refused_before(asked: Mapping[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        plan(**asked)
    assert error.value.hint


def test_a_loss_knows_its_line() -> None:
    lines = {loss.path: loss.line for loss in plan(classes=TWO).losses}
    assert lines["targets.sagemaker.instance"] == 12
    assert lines["final"] is None


def test_what_it_costs_is_an_estimate_and_says_so() -> None:
    made = plan(classes=TWO, budget=Budget(trials=3, seconds=3600.0))
    assert made.max_cost is None or made.max_cost.kind == "estimate"
    assert any("chooses its own machines" in note for note in made.notes)


@given(
    classes=st.none() | st.integers(2, 30).map(lambda n: {f"class {i}": (50, 10) for i in range(n)}),
    kind=st.sampled_from(["table", "image", "text"]),
    trials=st.none() | st.integers(1, 750),
    seconds=st.none() | st.floats(1, 1e6),
    mode=st.sampled_from(["ensembling", "hyperparameter_tuning"]),
    data=st.data(),
)
def test_the_request_read_back_is_the_spec_less_its_losses(
    classes: Any, kind: str, trials: int | None, seconds: float | None, mode: str, data: st.DataObject
) -> None:
    classes = classes if kind == "table" or classes else TEN
    task = "tabular-regression" if classes is None else "tabular-classification"
    metric = data.draw(st.sampled_from([name for name, one in METRICS.items() if task in one.tasks]))
    asked = job(
        kind=kind,
        classes=classes,
        metric=metric,
        budget=Budget(trials=trials, seconds=seconds),
        place={"autopilot": {"mode": mode, "algorithms": []}},
    )
    target = find("sagemaker:autopilot")
    assert isinstance(target, Submits)
    made = target.plan(asked)
    assert target.validate(made) == ()
    body, codes = made.requests[0].body, {loss.code for loss in made.losses}
    (problem,) = body["AutoMLProblemTypeConfig"].values()
    criteria = problem["CompletionCriteria"]
    assert criteria.get("MaxAutoMLJobRuntimeInSeconds") == (None if seconds is None else max(1, int(seconds)))
    assert ("CN356" in codes) or criteria.get("MaxCandidates", 1 if kind != "table" else None) in (trials, 1)
    ours = {
        "Accuracy": "accuracy", "BalancedAccuracy": "balanced_accuracy", "AUC": "auc", "F1macro": "f1", "RMSE": "rmse",
        "PrecisionMacro": "precision", "RecallMacro": "recall", "MSE": "mse", "MAE": "mae", "R2": "r2",
    }  # fmt: skip
    sent = body["AutoMLJobObjective"]["MetricName"]
    assert ("CN350" in codes) == (ours.get(sent) != metric)
    assert codes >= LOST
