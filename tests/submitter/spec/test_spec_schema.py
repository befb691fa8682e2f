"""The JSON Schema: valid as such, and of one mind with the types, whatever is done to a spec."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from cloud_nas import spec
from cloud_nas.spec import later

FORM = {
    "CN104",
    "CN108",
    "CN109",
    "CN110",
    "CN111",
    "CN112",
    "CN113",
    "CN116",
    "CN120",
    "CN121",
    "CN128",
    "CN129",
    "CN130",
    "CN131",
    "CN134",
    "CN135",
    "CN136",
    "CN137",
    "CN139",
}
"""The codes of what a schema can say; the others need files, or several values together."""
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    3,
    2.5,
    10.0,
    1e12,
    "",
    " ",
    "text",
    "2h",
    "0h",
    "10",
    "yes",
    [],
    ["a"],
    [1],
    {},
    {"a": 1},
]
WORDS = [
    "hyperband",
    "random",
    "bayesian",
    "grid",
    "evolution",
    "best",
    "all",
    "keep",
    "min",
    "maximize",
    "unit",
    "image-classification",
    "r-7k2xq",
]
KEYS = ["epochs", "factor", "iterations", "surrogate", "seed", "colour", "macro", "cost", "time", "target", "metric", "storage"]
KEYS += ["asynchronous", "warm_start"]


@functools.cache
def validator() -> Draft202012Validator:
    """Not a fixture: hypothesis would print all of it."""
    return Draft202012Validator(spec.schema())


def test_it_is_a_schema_with_a_word_on_every_key() -> None:
    schema = spec.schema()
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    for section in [schema, *schema["$defs"].values()]:
        assert section["description"]
        for name, value in section["properties"].items():
            assert "$ref" in value or value["description"], name
    assert schema["properties"]["task"]["enum"][0] == "image-classification"


def test_what_is_not_in_this_version_is_not_in_it() -> None:
    schema = spec.schema()
    shown = {name for section in [schema, *schema["$defs"].values()] for name in section["properties"]}
    shown |= set(schema["$defs"]["Search"]["properties"]["strategy"]["enum"])
    assert not shown & {path[-1] for path in later.KEYS}
    assert not shown & {name for values in later.VALUES.values() for name in values}


def test_good_and_bad(good: Path) -> None:
    value = YAML(typ="safe", pure=True).load(good.read_text())
    assert list(validator().iter_errors(value)) == []
    for section, key, wrong in [
        ("train", "epochs", "10"),
        ("search", "factr", 3),
        ("search", "factor", 1),
        ("space", "auto", {}),
    ]:
        bad = copy.deepcopy(value)
        bad[section][key] = wrong
        assert list(validator().iter_errors(bad)), (section, key)


def places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every path of keys in a tree."""
    if not isinstance(value, dict):
        return []
    return [place for key, item in value.items() for place in [(*path, key), *places(item, (*path, key))]]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A good spec with a value or two exchanged, taken out, or put in."""
    value: dict[str, Any] = {
        "version": 1,
        "name": "a",
        "task": "image-classification",
        "data": {
            "source": "builtin:digits",
            "target": None,
            "id": None,
            "split": {"validation": 0.2, "test": 0.1},
            "scale": "unit",
        },
        "objective": {"metric": "accuracy", "goal": "maximize"},
        "space": {"model": "model.py:build"},
        "search": {"strategy": "hyperband", "factor": 3, "seed": 7},
        "train": {
            "epochs": 10,
            "batch_size": 32,
            "stop_early": {"monitor": "val_loss", "patience": 5},
            "callbacks": ["TerminateOnNaN"],
        },
        "final": {"fit": "keep", "keep": 3},
        "budget": {"trials": 30, "epochs": None, "time": "2h"},
        "code": {"include": [], "requirements": []},
        "targets": {
            "sagemaker": {
                "region": "eu-west-1",
                "bucket": "my-bucket",
                "prefix": "",
                "instance": "ml.m5.large",
                "max_runtime": "1h",
                "tags": {"team": "vision"},
                "tuning": {"early_stopping": True},
            },
            "vertex": {
                "project": "my-project",
                "location": "europe-west4",
                "bucket": "my-bucket",
                "machine": "n1-standard-4",
                "accelerator": "NVIDIA_TESLA_T4",
                "accelerators": 2,
                "max_runtime": "1h",
                "labels": {"team": "vision"},
                "automl": {"model": "edge-fast", "node_hours": 2},
                "tuning": {"early_stopping": "median", "failed_trials": 3},
            },
        },
    }
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(places(value)))
        section = value
        for key in place[:-1]:
            section = section[key]
        new = copy.deepcopy(draw(st.sampled_from([*ODD, *WORDS])))
        what = draw(st.sampled_from(["change", "remove", "add"]))
        if what == "change":
            section[place[-1]] = new
        elif what == "remove":
            del section[place[-1]]
        else:
            section[draw(st.sampled_from(KEYS))] = new
    return value


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=mutated())
def test_the_schema_and_the_types_agree(project: Path, value: dict[str, Any]) -> None:
    path = project / "spec.yaml"
    path.write_text(json.dumps(value))
    _, found = spec.read(path)
    refused = [one for one in found if one.code in FORM]
    assert bool(refused) == bool(list(validator().iter_errors(value))), (value, found)
