"""What the service decides is read back from the request alone, and is what the spec says less what the losses name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.targets.job import Job, JobName, Rows
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.sagemaker import engine, engine_losses, tuning, tuning_losses
from cloud_nas.targets.sagemaker.limits import has_own_disk
from cloud_nas.targets.sagemaker.placement import settings
from local_engine.definition import Budget, Data, Definition, Final, ModelSpace, Objective, Prior, Search, Train
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int
from local_engine.strategies.brackets import brackets

_ROLE = "arn:aws:iam::123456789012:role/search"
_LINES = (
    "space.model",
    "search.strategy",
    "search.seed",
    "budget.time",
    "targets.sagemaker.volume",
    "targets.sagemaker.parallel",
)


@st.composite
def _spaces(draw: st.DrawFn) -> Space:
    found: list[HyperParameter] = []
    for number in range(draw(st.integers(1, 6))):
        name = draw(st.sampled_from([f"p{number}", f"block/p {number}", f"p={number}"]))
        parents = [one for one in found if isinstance(one, Choice)]
        parent = draw(st.sampled_from([None, *parents]))
        under = [] if parent is None else [*parent.conditions, Parent(parent.name, [parent.values[0]])]
        low, high = draw(st.integers(1, 9)), draw(st.integers(10, 99))
        sampling = draw(st.sampled_from(["linear", "log", "reverse_log"]))
        step = draw(st.sampled_from([None, 2, 3]))
        found.append(
            draw(
                st.sampled_from(
                    [
                        Int(name, low, high, step=step, sampling=sampling, conditions=under),
                        Float(name, low / 100, high / 100, step=None, sampling=sampling, conditions=under),
                        Float(name, low, high, step=step, sampling=sampling, conditions=under),
                        Boolean(name, conditions=under),
                        Choice(name, [low, high, 200], conditions=under),
                        Choice(name, ["a", "b"], conditions=under),
                        Fixed(name, low, conditions=under),
                    ]
                )
            )
        )
    return Space((*found, Int("always", 1, 3)))


@st.composite
def _jobs(draw: st.DrawFn) -> Job:
    strategy = draw(st.sampled_from(["random", "bayesian", "hyperband"]))
    options = {"factor": draw(st.sampled_from([3, 4]))} if strategy == "hyperband" else {}
    prior = (Prior({"always": 1}, 0.5),) if strategy == "bayesian" and draw(st.booleans()) else ()
    definition = Definition(
        name="made",
        task="image-classification",
        data=Data("builtin:digits"),
        objective=Objective(draw(st.sampled_from(["accuracy", "loss"])), draw(st.sampled_from(["maximize", "minimize"]))),
        space=ModelSpace("/spec/model.py", "build"),
        search=Search(strategy, draw(st.integers(0, 2**31 - 1)), options, prior),
        train=Train(epochs=draw(st.integers(1, 50)), seconds=draw(st.sampled_from([None, 60.0, 9000.0]))),
        final=Final(draw(st.sampled_from(["keep", "train+validation"])), draw(st.sampled_from(["all", "best", 3]))),
        budget=Budget(
            draw(st.one_of(st.none(), st.integers(1, 700))),
            draw(st.one_of(st.none(), st.integers(1, 4000))),
            draw(st.sampled_from([None, 30.0, 120.0, 7200.0, 1e9])),
        ),
    )
    company = draw(st.booleans())
    place = settings(
        {
            "region": draw(st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1"])),
            "bucket": "my-bucket",
            "role": _ROLE,
            "prefix": draw(st.sampled_from(["cloud-nas/", "/a/b", "x"])),
            "instance": draw(st.sampled_from(["ml.m5.xlarge", "ml.g5.xlarge", "ml.p3.2xlarge"])),
            "parallel": draw(st.integers(1, 20)),
            "max_runtime": draw(st.sampled_from([600.0, 3600.0, 86400.0])),
            "volume": draw(st.integers(1, 500)),
            "spot": draw(st.booleans()),
            "isolated": draw(st.booleans()),
            "kms_key": draw(st.sampled_from([None, "alias/mine"])),
            "subnets": ["subnet-1"] if company else [],
            "security_groups": ["sg-1"] if company else [],
            "tags": {"team": "vision"} if company else {},
        }
    )
    files = {what: Parcel(Path(what), (ParcelFile("file", digit * 64, 10),)) for what, digit in (("rows", "a"), ("code", "b"))}
    rows = Rows("image", 100, 20, 10, {"0": (50, 10), "1": (50, 10)})
    lines = dict.fromkeys(draw(st.sets(st.sampled_from(_LINES))), 7)
    name = JobName("r-7k2xq", draw(st.integers(1, 999)), "nonce", "ada")
    parent = draw(st.sampled_from([None, "r-2b3c4-1"])) if strategy == "bayesian" else None
    return Job(definition, name, rows, place, files, draw(_spaces()), lines, {}, parent)


def _find(losses: list[Loss], code: str, key: str = "") -> bool:
    return any(loss.code == code and key in loss.what for loss in losses)


@given(_jobs())
def test_the_space_is_what_was_asked_for_less_its_losses(job: Job) -> None:
    losses = list(tuning_losses.losses(job))
    sent = _parameters(tuning.body(job))
    assert job.space is not None
    searched = [one for one in zip(job.space.keys, job.space.parameters, strict=True) if not isinstance(one[1], Fixed)]
    assert len(sent) == len(searched)
    for key, parameter in searched:
        name = key if key in sent else next(name for name in sent if _find(losses, "CN305", f"{key} (sent as {name})"))
        found = sent[name]
        if isinstance(parameter, Int | Float):
            assert (found["low"], found["high"]) == (parameter.min_value, parameter.max_value)
            assert found["whole"] == isinstance(parameter, Int)
            assert (found["scale"] == parameter.sampling) != _find(losses, "CN302", f"{key} (")
            assert (parameter.step in (None, 1)) != _find(losses, "CN301", f"{key} (")
        else:
            assert [_value(text, parameter) for text in found["values"]] == list(parameter.values)
        assert bool(parameter.conditions) == _find(losses, "CN303", key)


@given(_jobs())
def test_strategy_objective_and_caps_are_what_was_asked_for_less_their_losses(job: Job) -> None:
    losses, definition = list(tuning_losses.losses(job)), job.definition
    body = tuning.body(job)
    config, limits = body["HyperParameterTuningJobConfig"], body["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert config["Strategy"].lower() == definition.search.strategy
    assert config["RandomSeed"] == definition.search.seed
    assert _find(losses, "CN311") == (definition.search.options.get("factor", 3) != 3)
    goal = config["HyperParameterTuningJobObjective"]
    assert (goal["Type"].lower(), goal["MetricName"]) == (definition.objective.goal, f"val_{definition.objective.metric}")
    if definition.search.strategy == "hyperband":
        assert config["StrategyConfig"]["HyperbandStrategyConfig"]["MaxResource"] == definition.train.epochs
        assert config["TrainingJobEarlyStoppingType"] == "Off"
    assert limits["MaxNumberOfTrainingJobs"] == _trials(job)
    assert limits["MaxParallelTrainingJobs"] == min(job.place["parallel"], _trials(job))
    seconds = definition.budget.seconds
    assert (limits.get("MaxRuntimeInSeconds") == seconds) != _find(losses, "CN331")
    epochs = definition.budget.epochs
    assert _find(losses, "CN330") == (epochs is not None and epochs < _trials(job) * definition.train.epochs)
    warm = body.get("WarmStartConfig")
    assert (None if warm is None else warm["ParentHyperParameterTuningJobs"][0]["HyperParameterTuningJobName"]) == job.parent
    assert _find(losses, "CN313") == (bool(definition.search.prior) and job.parent is None)
    assert _find(losses, "CN320") == (definition.final.fit != "keep")
    assert _find(losses, "CN321") == (definition.final.keep != "all")


@given(_jobs(), st.sampled_from(["tuning", "engine"]))
def test_data_code_and_place_are_what_was_asked_for_less_their_losses(job: Job, kind: str) -> None:
    if kind == "tuning":
        whole, losses = tuning.body(job), list(tuning_losses.losses(job))
        body = whole["TrainingJobDefinition"]
    else:
        whole = body = engine.body(job)
        losses = list(engine_losses.losses(job))
    place = job.place
    channels = {one["ChannelName"]: one["DataSource"]["S3DataSource"]["S3Uri"] for one in body["InputDataConfig"]}
    assert set(channels) == {"code", "rows"}
    for what, uri in channels.items():
        assert uri.startswith(f"s3://{place['bucket']}/{place['prefix'].strip('/')}/")
        assert uri.endswith(f"/{job.parcels[what].sha256}/")
    assert body["RoleArn"] == place["role"]
    assert f".{place['region']}." in body["AlgorithmSpecification"]["TrainingImage"]
    machine = body["ResourceConfig"]
    assert (machine["InstanceType"], machine["InstanceCount"]) == (place["instance"], 1)
    volume_lost = machine.get("VolumeSizeInGB") != place["volume"] and "targets.sagemaker.volume" in job.lines
    assert volume_lost == _find(losses, "CN335", "size of the disk")
    assert (machine.get("VolumeKmsKeyId") != place["kms_key"]) == _find(losses, "CN335", "key for")
    assert ("VolumeSizeInGB" in machine) != has_own_disk(place["instance"])
    assert body["OutputDataConfig"].get("KmsKeyId") == place["kms_key"]
    assert body["StoppingCondition"]["MaxRuntimeInSeconds"] == place["max_runtime"]
    assert body.get("EnableManagedSpotTraining", False) == place["spot"]
    assert ("MaxWaitTimeInSeconds" in body["StoppingCondition"]) == place["spot"]
    assert not place["spot"] or "CheckpointConfig" in body
    assert body.get("EnableNetworkIsolation", False) == place["isolated"]
    assert body.get("VpcConfig", {}).get("Subnets", []) == place["subnets"]
    assert body.get("VpcConfig", {}).get("SecurityGroupIds", []) == place["security_groups"]
    tags = {one["Key"]: one["Value"] for one in whole["Tags"]}
    assert {key: value for key, value in tags.items() if not key.startswith("cloud-nas:")} == place["tags"]


@given(_jobs())
def test_nothing_of_the_spec_is_smuggled_past_the_service(job: Job) -> None:
    """Static values and the environment are the same for every search, so that what the service decides is in its own fields."""
    other = dataclasses.replace(
        job,
        definition=dataclasses.replace(job.definition, search=Search("random", 1), objective=Objective("auc", "maximize")),
        name=JobName("r-99999", 1, "other", "ada"),
        parent=None,
    )
    one, two = (tuning.body(each)["TrainingJobDefinition"] for each in (job, other))
    assert one["StaticHyperParameters"] == two["StaticHyperParameters"] == engine.body(job)["HyperParameters"]
    assert one["Environment"] == two["Environment"] == engine.body(job)["Environment"]


def _trials(job: Job) -> int:
    """How many trials the search would make at home."""
    definition = job.definition
    asked = definition.budget.trials
    assert job.space is not None
    most = job.space.size() or 10**9
    if definition.search.strategy == "hyperband":
        rounds = brackets(definition.train.epochs, definition.search.options.get("factor", 3))
        return min(asked or most, most, sum(one.sizes[0] for one in rounds))
    return min(asked or 30, most)


def _parameters(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The space, as far as a request says."""
    scales = {"Linear": "linear", "Logarithmic": "log", "ReverseLogarithmic": "the service's own"}
    kinds = body["HyperParameterTuningJobConfig"]["ParameterRanges"]
    found: dict[str, dict[str, Any]] = {}
    for one in kinds.get("CategoricalParameterRanges", ()):
        found[one["Name"]] = {"values": one["Values"]}
    for kind, whole in (("IntegerParameterRanges", True), ("ContinuousParameterRanges", False)):
        for one in kinds.get(kind, ()):
            read = int if whole else float
            found[one["Name"]] = {
                "low": read(one["MinValue"]),
                "high": read(one["MaxValue"]),
                "scale": scales[one["ScalingType"]],
                "whole": whole,
            }
    return found


def _value(text: str, parameter: HyperParameter) -> Any:
    if isinstance(parameter, Boolean):
        return text == "true"
    return type(parameter.values[0])(text)
