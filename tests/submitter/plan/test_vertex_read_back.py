"""What Vertex AI decides is read back from the request alone, and is what the spec says less what the losses name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_nas.spec.google_machines import OWN_GPUS
from cloud_nas.targets.job import Job, JobName
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.vertex import engine, engine_losses, naming, tuning, tuning_losses
from cloud_nas.targets.vertex.tuning_conditions import places
from cloud_nas.targets.vertex.tuning_space import combinations, tree
from local_engine.definition import Budget, Final, Objective, Prior, Search, Train
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int

from .made import job_with
from .spaces_made import spaces
from .tuner import kind_of

_LINES = ("space.model", "search.strategy", "search.seed", "budget.time", "targets.vertex.parallel")
_SCALES = {"UNIT_LINEAR_SCALE": "linear", "UNIT_LOG_SCALE": "log", "UNIT_REVERSE_LOG_SCALE": "reverse_log"}
_STOPPING = {
    "medianAutomatedStoppingSpec": "median",
    "decayCurveStoppingSpec": "decay_curve",
    "convexAutomatedStoppingSpec": "convex",
}


@st.composite
def _places(draw: st.DrawFn) -> dict[str, Any]:
    machine, accelerator, count = draw(
        st.sampled_from(
            [
                ("n1-standard-8", None, 1),
                ("n1-standard-8", "NVIDIA_TESLA_T4", 2),
                ("g2-standard-24", None, 1),
                ("a2-highgpu-1g", "NVIDIA_TESLA_A100", 1),
            ]
        )
    )
    company = draw(st.booleans())
    return {
        "project": draw(st.sampled_from(["my-project", "example.com:old"])),
        "prefix": draw(st.sampled_from(["cloud-nas/", "/a/b", "x"])),
        "machine": machine,
        "accelerator": accelerator,
        "accelerators": count,
        "parallel": draw(st.integers(1, 20)),
        "max_runtime": draw(st.sampled_from([0.5, 600.0, 3600.0, 604800.0])),
        "volume": draw(st.integers(100, 500)),
        "spot": draw(st.booleans()),
        "retries": draw(st.booleans()),
        "image": draw(st.sampled_from([None, "europe-docker.pkg.dev/p/r/mine:1"])),
        "kms_key": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k" if company else None,
        "network": "projects/1/global/networks/mine" if company else None,
        "service_account": "a@p.iam.gserviceaccount.com" if company else None,
        "labels": {"team": "vision"} if company else {},
        "tuning": {
            "early_stopping": draw(st.sampled_from(["none", "median", "decay_curve", "convex"])),
            "measurement": draw(st.sampled_from(["best", "last"])),
            "failed_trials": draw(st.sampled_from([None, 1, 3, 5000])),
        },
    }


@st.composite
def _jobs(draw: st.DrawFn) -> Job:
    strategy = draw(st.sampled_from(["random", "bayesian", "grid"]))
    options = {"startup_trials": draw(st.sampled_from([5, 10]))} if strategy == "bayesian" else {}
    prior = (Prior({"always": 1}, 0.5),) if strategy == "bayesian" and draw(st.booleans()) else ()
    made = job_with(draw(spaces(wild=strategy != "grid", twins=False)), strategy, draw(_places()))
    definition = dataclasses.replace(
        made.definition,
        objective=Objective(draw(st.sampled_from(["accuracy", "loss"])), draw(st.sampled_from(["maximize", "minimize"]))),
        search=Search(strategy, draw(st.integers(0, 2**31 - 1)), options, prior),
        train=Train(epochs=draw(st.integers(1, 50)), seconds=draw(st.sampled_from([None, 60.0, 9000.0]))),
        final=Final(draw(st.sampled_from(["keep", "train+validation"])), draw(st.sampled_from(["all", "best", 3]))),
        budget=Budget(
            draw(st.one_of(st.none(), st.integers(1, 700))),
            draw(st.one_of(st.none(), st.integers(1, 4000))),
            draw(st.sampled_from([None, 30.0, 7200.0, 1e9])),
        ),
    )
    return dataclasses.replace(
        made,
        definition=definition,
        name=JobName("r-7k2xq", draw(st.integers(1, 999)), "nonce", "ada"),
        lines=dict.fromkeys(draw(st.sets(st.sampled_from(_LINES))), 7),
        parent=draw(st.sampled_from([None, "r-2b3c4-1"])) if strategy == "bayesian" else None,
    )


def _find(losses: Sequence[Loss], code: str, key: str = "") -> bool:
    return any(loss.code == code and key in loss.what for loss in losses)


@settings(max_examples=60, deadline=None)
@given(_jobs())
def test_the_space_is_what_was_asked_for_less_its_losses(job: Job) -> None:
    losses, sent = list(tuning_losses.losses(job)), _read(tuning.body(job))
    assert job.space is not None
    grid = job.definition.search.strategy == "grid"
    searched = [one for one in places(job.space, listed=grid) if one.values is not None]
    assert len(sent) == len(searched)
    by_name = dict(sent)
    for place in searched:
        parameter, key = place.parameter, place.key
        found = by_name[
            key if key in by_name else next(name for name in by_name if _find(losses, "CN305", f"{key} (sent as {name})"))
        ]
        if found["kind"] in ("integer", "double"):
            assert isinstance(parameter, Int | Float)
            assert (found["low"], found["high"]) == (parameter.min_value, parameter.max_value)
            assert (found["kind"] == "integer") == isinstance(parameter, Int)
            assert (parameter.step in (None, 1)) != _find(losses, "CN301", f"{place.key} (")
        elif not grid:
            assert sorted(_values(found, parameter)) == sorted(set(parameter.values))
        if isinstance(parameter, Int | Float):
            assert found["scale"] == parameter.sampling
        single = {one.name for one in job.space.parameters if isinstance(one, Fixed)}  # conditions on which always hold, or never
        wanted = {condition.name for condition in parameter.conditions} - single
        if wanted and not _find(losses, "CN303", place.key):
            assert found["under"], f"{place.key} has conditions"
        if not parameter.conditions:
            assert not found["under"]


@settings(max_examples=60, deadline=None)
@given(_jobs())
def test_strategy_objective_and_caps_are_what_was_asked_for_less_their_losses(job: Job) -> None:
    losses, definition = list(tuning_losses.losses(job)), job.definition
    whole = tuning.body(job)["hyperparameterTuningJob"]
    study, own = whole["studySpec"], job.place["tuning"]
    search, budget = definition.search, definition.budget
    assert {None: "bayesian", "GRID_SEARCH": "grid", "RANDOM_SEARCH": "random"}[study.get("algorithm")] == search.strategy
    assert _find(losses, "CN310", "surrogate") == (search.strategy == "bayesian")
    assert _find(losses, "CN312") == (search.strategy != "grid")
    assert _find(losses, "CN311") == (search.options.get("startup_trials", 10) != 10)
    assert _find(losses, "CN313") == (bool(search.prior) or job.parent is not None)
    (metric,) = study["metrics"]
    assert (metric["goal"].lower(), metric["metricId"]) == (definition.objective.goal, f"val_{definition.objective.metric}")
    trials = whole["maxTrialCount"]
    assert trials == _trials(job)
    assert whole["parallelTrialCount"] == min(job.place["parallel"], trials)
    assert 0 < whole["maxFailedTrialCount"] <= trials
    assert own["failed_trials"] is None or whole["maxFailedTrialCount"] == min(own["failed_trials"], trials)
    assert study["measurementSelectionType"] == f"{own['measurement'].upper()}_MEASUREMENT"
    assert _find(losses, "CN381", "best epoch") == (own["measurement"] == "last")
    stopping = [_STOPPING[key] for key in _STOPPING if key in study]
    assert stopping == ([] if own["early_stopping"] == "none" else [own["early_stopping"]])
    assert _find(losses, "CN380") == (budget.seconds is not None)
    assert _find(losses, "CN330") == (budget.epochs is not None and budget.epochs < trials * definition.train.epochs)
    assert _find(losses, "CN320") == (definition.final.fit != "keep")
    assert _find(losses, "CN321") == (definition.final.keep != "all")
    lasting = definition.train.seconds
    assert _find(losses, "CN334") == (lasting is None or lasting > job.place["max_runtime"])


@settings(max_examples=60, deadline=None)
@given(_jobs(), st.sampled_from(["tuning", "engine"]))
def test_data_code_and_place_are_what_was_asked_for_less_their_losses(job: Job, kind: str) -> None:
    place = job.place
    if kind == "tuning":
        request, whole = tuning.body(job), tuning.body(job)["hyperparameterTuningJob"]
        spec = whole["trialJobSpec"]
    else:
        request, whole = engine.body(job), engine.body(job)["customJob"]
        spec = whole["jobSpec"]
        lasting = job.definition.budget.seconds
        assert _find(list(engine_losses.losses(job)), "CN334") == (lasting is None or lasting >= place["max_runtime"])
    assert request["parent"] == f"projects/{place['project']}/locations/{place['location']}"
    assert whole["displayName"] == f"r-7k2xq-{job.name.attempt}"
    (pool,) = spec["workerPoolSpecs"]
    there = OWN_GPUS.get(place["machine"]) or ((place["accelerator"], place["accelerators"]) if place["accelerator"] else None)
    machine = pool["machineSpec"]
    assert (machine["machineType"], pool["replicaCount"]) == (place["machine"], 1)
    assert (machine.get("acceleratorType"), machine.get("acceleratorCount")) == (there or (None, None))
    assert pool["diskSpec"]["bootDiskSizeGb"] == place["volume"]
    assert place["image"] in (None, pool["containerSpec"]["imageUri"])
    environment = {one["name"]: one["value"] for one in pool["containerSpec"]["env"]}
    for what, variable in (("code", "CLOUD_NAS_CODE"), ("rows", "CLOUD_NAS_ROWS")):
        assert environment[variable].startswith(f"gs://{place['bucket']}/{place['prefix'].strip('/')}/")
        assert environment[variable].endswith(f"/{job.parcels[what].sha256}/")
    assert ("CLOUD_NAS_STUDY" in environment) == (kind == "engine")
    scheduling = spec["scheduling"]
    assert float(scheduling["timeout"].removesuffix("s")) == max(1.0, place["max_runtime"])
    assert (scheduling.get("strategy") == "SPOT") == place["spot"]
    assert scheduling.get("disableRetries", False) == (not place["retries"] and not place["spot"])
    assert (spec.get("serviceAccount"), spec.get("network")) == (place["service_account"], place["network"])
    assert whole.get("encryptionSpec", {}).get("kmsKeyName") == place["kms_key"]
    assert {key: value for key, value in whole["labels"].items() if not key.startswith("cloud-nas-")} == place["labels"]
    assert naming.told(whole["labels"])["target"] == f"vertex:{kind}"


@settings(max_examples=60, deadline=None)
@given(_jobs())
def test_nothing_of_the_spec_is_smuggled_past_the_service(job: Job) -> None:
    """The command and the environment are the same for every search, so that what the service decides is in its own fields."""
    other = dataclasses.replace(
        job,
        definition=dataclasses.replace(job.definition, search=Search("random", 1), objective=Objective("auc", "maximize")),
        name=JobName("r-7k2xq", 1, "other", "ada"),
        parent=None,
    )
    one, two = (tuning.body(each)["hyperparameterTuningJob"]["trialJobSpec"]["workerPoolSpecs"] for each in (job, other))
    assert one == two


def _trials(job: Job) -> int:
    """How many trials the search would make at home."""
    asked = job.definition.budget.trials
    assert job.space is not None
    if job.definition.search.strategy == "grid":
        count = combinations(tree(job))  # which is held against a grid gone through
        assert count is not None
        return min(asked or count, count)
    return min(asked or 30, job.space.size() or 10**9)


def _read(body: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The space, as far as a request says: name and values of each hyperparameter."""
    return list(_parameters(body["hyperparameterTuningJob"]["studySpec"]["parameters"], under=False))


def _parameters(parameters: Sequence[Mapping[str, Any]], *, under: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in parameters:
        spec = one[kind_of(one)]
        yield (
            one["parameterId"],
            {
                "kind": kind_of(one).removesuffix("ValueSpec"),
                "low": spec.get("minValue"),
                "high": spec.get("maxValue"),
                "values": spec.get("values"),
                "scale": _SCALES.get(one.get("scaleType", "")),
                "under": under,
            },
        )
        yield from _parameters([child["parameterSpec"] for child in one.get("conditionalParameterSpecs", ())], under=True)


def _values(found: Mapping[str, Any], parameter: HyperParameter) -> list[Any]:
    if isinstance(parameter, Boolean):
        return [text == "true" for text in found["values"]]
    if isinstance(parameter, Choice) and found["kind"] == "categorical":
        texts = {str(value): value for value in parameter.values}
        return [texts.get(text, text) for text in found["values"]]
    return [type(parameter.values[0])(value) for value in found["values"]]
