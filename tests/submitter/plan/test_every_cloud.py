"""At every target in a cloud: what the requests say, read back, is the spec less its reported losses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_nas.codes import explain
from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.targets import find, names
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job, JobName, Rows
from local_engine.definition import Budget, Code, Data, Definition, Final, ModelSpace, Objective, Prior, Search, Train
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Float, Int

from .readers import asked, facts_of

TARGETS = [name for name in names() if isinstance(find(name), Submits)]
_SPACE = Space((Int("layers", 1, 9), Float("rate", 1e-4, 1e-1, sampling="log"), Boolean("deep"), Choice("kind", ["a", "b"])))
_ROWS = Rows("table", 1600, 400, 200, {"no": (1000, 250), "yes": (600, 150)}, {"age": "number", "plan": "category"}, "rows")
_NOTED = {"place.parallel": "`parallel`"}
"""What an engine on one machine says of in a note: nothing is lost of it there."""


@st.composite
def _definitions(draw: st.DrawFn) -> Definition:
    strategy = draw(st.sampled_from(["random", "bayesian"]))
    learns = strategy == "bayesian"
    options = {"startup_trials": draw(st.integers(1, 9))} if learns and draw(st.booleans()) else {}
    prior = (Prior({"layers": 1}, 0.5),) if learns and draw(st.booleans()) else ()
    return Definition(
        name="made",
        task="tabular-classification",
        data=Data("/spec/rows.csv", "left"),
        objective=Objective(draw(st.sampled_from(["accuracy", "auc", "f1"])), "maximize"),
        space=ModelSpace("/spec/model.py", "build"),
        search=Search(strategy, draw(st.integers(1, 2**31 - 1)), options, prior),
        train=Train(epochs=draw(st.integers(1, 50)), seconds=draw(st.sampled_from([None, 60.0]))),
        final=Final(draw(st.sampled_from(["keep", "train+validation"])), draw(st.sampled_from(["all", "best", 3]))),
        budget=Budget(
            draw(st.one_of(st.none(), st.integers(1, 700))),
            draw(st.one_of(st.none(), st.integers(1, 9))),
            draw(st.sampled_from([None, 30.0, 7200.0])),
        ),
        code=Code(requirements=draw(st.sampled_from([(), ("einops",)]))),
    )


def _sometimes(value: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, value])


_SECTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "sagemaker": st.fixed_dictionaries(
        {
            "region": st.just("eu-west-1"),
            "bucket": st.sampled_from(["my-bucket", "other-bucket"]),
            "role": st.just("arn:aws:iam::123456789012:role/search"),
            "instance": st.sampled_from(["ml.m5.xlarge", "ml.g5.xlarge"]),
            "parallel": st.integers(1, 5),
            "max_runtime": st.sampled_from([600.0, 3600.0]),
            "volume": st.integers(1, 500),
            "image": _sometimes("123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1"),
            "spot": st.booleans(),
            "kms_key": _sometimes("alias/mine"),
            "subnets": st.just(["subnet-1"]),
            "security_groups": st.just(["sg-1"]),
            "tags": st.sampled_from([{}, {"team": "vision"}]),
        }
    ),
    "vertex": st.fixed_dictionaries(
        {
            "project": st.sampled_from(["my-project", "other-project"]),
            "location": st.sampled_from(["europe-west4", "us-central1"]),
            "bucket": st.sampled_from(["my-bucket", "other-bucket"]),
            "machine": st.just("n1-standard-8"),
            "accelerator": _sometimes("NVIDIA_TESLA_T4"),
            "parallel": st.integers(1, 5),
            "max_runtime": st.sampled_from([600.0, 3600.0]),
            "volume": st.integers(100, 500),
            "image": _sometimes("me/mine:1"),
            "spot": st.booleans(),
            "retries": st.booleans(),
            "service_account": _sometimes("a@my-project.iam.gserviceaccount.com"),
            "network": _sometimes("projects/1/global/networks/mine"),
            "labels": st.sampled_from([{}, {"team": "vision"}]),
            "tuning": st.fixed_dictionaries(
                {
                    "early_stopping": st.sampled_from(["none", "median"]),
                    "measurement": st.sampled_from(["best", "last"]),
                    "failed_trials": st.sampled_from([None, 1]),
                }
            ),
        }
    ),
}


def _job(on: str, definition: Definition, place: dict[str, Any]) -> Job:
    target, section = find(on), on.partition(":")[0]
    assert isinstance(target, Submits)
    needs: Any = find(on).needs
    files = {"rows": ("rows.csv", "a"), "code": ("sourcedir.tar.gz", "b")}
    parcels = {
        what: Parcel(Path(what), (ParcelFile(name, digit * 64, 1000),))
        for what, (name, digit) in files.items()
        if getattr(needs, what)
    }
    keys = [*_asked(on, definition, place), "space", "data", "search", "final", "train", "code"]
    lines = {key.replace("place.", f"targets.{section}."): number for number, key in enumerate(keys, 2)}
    name = JobName("r-7k2xq", 1, "0123456789abcdef", "ada")
    return Job(definition, name, _ROWS, target.settings(place), parcels, _SPACE if needs.space else None, lines)


def _asked(on: str, definition: Definition, place: dict[str, Any]) -> dict[str, Any]:
    """What the spec asks for, by key, as far as it says something."""
    own = {f"place.{key}": value for key, value in place.items() if key not in ("tuning", "region", "security_groups")}
    if on == "vertex:tuning":
        own |= {f"place.tuning.{key}": value for key, value in place["tuning"].items()}
    found = asked(definition, _SPACE.keys) | own
    return {key: value for key, value in found.items() if value not in (None, False, {}, "none", [])}


@pytest.mark.parametrize("on", TARGETS)
@settings(max_examples=25, deadline=None)
@given(definition=_definitions(), data=st.data())
def test_what_the_spec_asks_for_is_in_the_request_or_in_the_losses(on: str, definition: Definition, data: st.DataObject) -> None:
    place = data.draw(_SECTIONS[on.partition(":")[0]])
    plan = find(on).plan(_job(on, definition, place))
    facts, prefix = facts_of(plan, definition), f"targets.{on.partition(':')[0]}."
    losses = [(loss, loss.path.replace(prefix, "place.")) for loss in plan.losses]
    for loss in plan.losses:
        assert explain(loss.code) and loss.line is not None, f"{loss.path} has no line"
    for key, value in _asked(on, definition, place).items():
        about = [loss for loss, path in losses if _overlap(path, key)]
        if key == "space.model" and on.endswith(":engine"):
            assert not about
        elif (
            key == "budget.epochs"
            and on.endswith(":tuning")
            and value >= (facts.get("budget.trials") or 10**9) * definition.train.epochs
        ):
            assert not about, "a cap that can never be reached is no loss"
        elif key == "place.max_runtime" and key in facts:
            assert facts[key] == min(value, facts.get("budget.time") or value) or facts[key] == value
        elif key == "place.parallel" and on.endswith(":tuning"):
            assert facts[key] == min(value, facts["budget.trials"])
        elif facts.get(key) == value:
            assert not [loss for loss, path in losses if path == key and loss.kind == "dropped"], (
                f"{key} is there and said to be lost"
            )
        else:
            noted = any(_NOTED.get(key, "nothing") in note for note in plan.notes)
            assert about or noted or (key == "place.parallel" and value == 1), (
                f"{key}: {value} is neither sent nor lost: {facts.get(key)}"
            )


@pytest.mark.parametrize("on", TARGETS)
@settings(max_examples=10, deadline=None)
@given(definition=_definitions(), data=st.data())
def test_a_plan_is_valid_and_a_function_of_its_job_alone(on: str, definition: Definition, data: st.DataObject) -> None:
    job = _job(on, definition, data.draw(_SECTIONS[on.partition(":")[0]]))
    target = find(on)
    plan = target.plan(job)
    assert plan == target.plan(job)
    assert type(plan).from_json(plan.to_json()) == plan
    assert isinstance(target, Submits) and target.validate(plan) == ()


def _overlap(path: str, key: str) -> bool:
    return path == key or path.startswith(f"{key}.") or key.startswith(f"{path}.")
