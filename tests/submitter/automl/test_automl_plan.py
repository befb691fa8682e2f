"""What AutoML is asked for: the rows, the objective and the budget; all else is told as lost; refusals come before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.errors import UsageError
from cloud_nas.package.automl_names import columns
from cloud_nas.spec.google_machines import LOCATIONS
from cloud_nas.targets.job import Rows
from cloud_nas.targets.vertex.automl_rules import chance_to_miss
from local_engine.definition import Budget

from .samples import COLUMNS, DIGITS, LOST, NONE, THREE, TWO, bodies, job, pipeline, plan


def codes(**asked: Any) -> set[str]:
    return {one.code for one in plan(**asked).losses}


def test_a_table_is_a_data_set_of_one_file_and_a_pipeline_that_waits_for_its_id() -> None:
    made = plan(classes=TWO)
    (file,) = made.uploads
    assert [one.operation for one in made.requests] == ["CreateDataset", "CreateTrainingPipeline"]
    data_set, asked = bodies(made)
    assert data_set["dataset"]["metadata"] == {"inputConfig": {"gcsSource": {"uri": [file.destination]}}}
    assert asked["trainingPipeline"]["inputDataConfig"]["datasetId"] == "{dataset}"
    names = [one.destination.rpartition("/")[2] for one in made.uploads]
    assert names == ["rows.csv"], "what only this machine needs stays here"


def test_images_are_imported_by_a_list_that_is_uploaded_with_them() -> None:
    made = plan(kind="image", classes=DIGITS)
    assert [one.operation for one in made.requests] == ["CreateDataset", "ImportData", "CreateTrainingPipeline"]
    imported = made.requests[1].body
    assert imported["name"] == "projects/my-project/locations/europe-west4/datasets/{dataset}"
    (source,) = imported["importConfigs"]
    assert source["gcsSource"]["uris"] == [one.destination for one in made.uploads if one.destination.endswith("/import.csv")]
    assert {one.destination.rpartition(".")[2] for one in made.uploads} == {"png", "csv"}
    assert made.place["classes"]["c_3"] == "3"


def test_every_column_is_told_what_it_is_and_a_missing_number_costs_no_row() -> None:
    inputs = pipeline(plan(classes=TWO))["trainingTaskInputs"]
    sent = columns(COLUMNS, "Net Income")
    assert inputs["targetColumn"] == sent.target
    assert inputs["transformations"] == [
        {"numeric": {"column_name": "age", "invalid_values_allowed": True}},
        {"categorical": {"column_name": "job_title"}},
        {"numeric": {"column_name": "since", "invalid_values_allowed": True}},
        {"categorical": {"column_name": "active"}},
        {"text": {"column_name": "words"}},
    ]


@pytest.mark.parametrize(
    ("classes", "metric", "name", "same"),
    [
        (TWO, "auc", "maximize-au-roc", True),
        (TWO, "log_loss", "minimize-log-loss", True),
        (TWO, "accuracy", "maximize-au-roc", False),
        (TWO, "f1", "maximize-au-prc", False),
        (THREE, "log_loss", "minimize-log-loss", True),
        (THREE, "auc", "minimize-log-loss", False),
        (THREE, "accuracy", "minimize-log-loss", False),
        (None, "rmse", "minimize-rmse", True),
        (None, "mae", "minimize-mae", True),
        (None, "r2", "minimize-rmse", False),
    ],
)
def test_the_objective_is_the_same_or_the_nearest_and_then_said(
    classes: Mapping[str, tuple[int, int]] | None, metric: str, name: str, same: bool
) -> None:
    made = plan(classes=classes, metric=metric)
    assert pipeline(made)["trainingTaskInputs"]["optimizationObjective"] == name
    assert ("CN350" in {one.code for one in made.losses}) is not same
    assert made.place["goal"] == name.partition("-")[0]


def test_the_spec_can_name_an_objective_of_the_services_own() -> None:
    made = plan(classes=TWO, automl={"objective": "maximize-au-prc"})
    assert pipeline(made)["trainingTaskInputs"]["optimizationObjective"] == "maximize-au-prc"
    assert (made.place["metric"], made.place["goal"]) == ("auPrc", "maximize")


@pytest.mark.parametrize(
    ("kind", "model", "hours", "seconds", "budget", "told"),
    [
        ("table", "cloud", None, None, 1_000, set()),
        ("table", "cloud", 2.5, None, 2_500, set()),
        ("table", "cloud", None, 7200, 2_000, {"CN385"}),
        ("table", "cloud", None, 60, 1_000, {"CN385"}),
        ("table", "cloud", 3.0, 60, 3_000, {"CN385"}),
        ("image", "cloud", None, None, 8_000, set()),
        ("image", "cloud", None, 7200, 16_000, {"CN385"}),
        ("image", "edge-fast", None, None, 1_000, set()),
        ("image", "edge-accurate", None, 7200, 2_000, {"CN385"}),
    ],
)
def test_a_budget_is_node_hours_that_the_service_takes(
    kind: str, model: str, hours: float | None, seconds: float | None, budget: int, told: set[str]
) -> None:
    asked: dict[str, Any] = {"kind": kind, "classes": DIGITS if kind == "image" else TWO, "budget": Budget(seconds=seconds)}
    made = plan(**asked, automl={"node_hours": hours, "model": model})
    inputs = pipeline(made)["trainingTaskInputs"]
    assert inputs["budgetMilliNodeHours" if kind == "image" else "trainBudgetMilliNodeHours"] == budget
    assert {one.code for one in made.losses} & {"CN385"} == told
    assert (
        made.max_cost is not None and made.max_cost.kind == "estimate" and f"{budget / 1000:g} node hour" in made.max_cost.formula
    )


def test_an_edge_model_is_a_type_of_its_own() -> None:
    kinds = {
        model: pipeline(plan(kind="image", classes=DIGITS, automl={"model": model}))["trainingTaskInputs"]["modelType"]
        for model in ("cloud", "edge-fast", "edge-balanced", "edge-accurate")
    }
    assert kinds == {
        "cloud": "CLOUD",
        "edge-fast": "MOBILE_TF_LOW_LATENCY_1",
        "edge-balanced": "MOBILE_TF_VERSATILE_1",
        "edge-accurate": "MOBILE_TF_HIGH_ACCURACY_1",
    }


@given(
    st.sampled_from(["auc", "log_loss", "accuracy", "f1"]),
    st.builds(
        Budget,
        trials=st.none() | st.integers(1, 99),
        epochs=st.none() | st.integers(1, 99),
        seconds=st.none() | st.floats(1, 9e6),
    ),
    st.sets(st.sampled_from(["machine", "accelerator", "spot", "image", "network", "retries"])),
)
def test_what_is_asked_is_the_spec_less_what_is_told_as_lost(metric: str, budget: Budget, keys: set[str]) -> None:
    whole = job(classes=TWO, metric=metric, budget=budget, lines={f"targets.vertex.{key}": 3 for key in keys})
    from cloud_nas.targets.vertex.automl import plan as make

    made = make(whole)
    told = [(one.code, one.path) for one in made.losses]
    read = pipeline(made)["trainingTaskInputs"]
    expected = {(code, path) for code, path in told if code in LOST}
    if read["optimizationObjective"] != {"auc": "maximize-au-roc", "log_loss": "minimize-log-loss"}.get(metric):
        expected.add(("CN350", "objective.metric"))
    if budget.epochs is not None:
        expected.add(("CN355", "budget.epochs"))
    if budget.trials is not None:
        expected.add(("CN356", "budget.trials"))
    if budget.seconds is not None:
        expected.add(("CN385", "budget.time"))
    expected |= {("CN358", f"targets.vertex.{key}") for key in keys}
    assert set(told) == expected and len(told) == len(expected)
    assert {code for code, _ in told} >= LOST


@pytest.mark.parametrize(
    ("asked", "words", "way_out"),
    [
        ({"kind": "array", "classes": TWO}, "arrays", "vertex:tuning"),
        ({"kind": "text", "classes": TWO}, "no longer offered", "vertex:tuning"),
        ({"kind": "image", "classes": None}, "predicts no numbers", "vertex:tuning"),
        ({"classes": {"a": (500, 100), "b": (300, 99)}}, "999 rows are left beside the held-out", "vertex:tuning"),
        ({"classes": {"a": (900, 200)}}, "all of one class", "two classes"),
        ({"classes": {"a": (900, 200), "b": (8, 1)}}, "'b' has 9 rows", "leave that class out"),
        ({"kind": "image", "classes": {"a": (900, 200), "b": (8, 1)}}, "'b' has 9 images", "leave that class out"),
        ({"classes": {str(one): (10, 2) for one in range(501)}}, "501 classes", "vertex:tuning"),
        ({"kind": "image", "classes": DIGITS, "place": {"location": "europe-west1"}}, "not in europe-west1", "europe-west4"),
        ({"classes": TWO, "place": {"location": "us-east5"}}, "not in us-east5", "another location"),
        ({"classes": TWO, "automl": {"model": "edge-fast"}}, "of images only", "model: cloud"),
        ({"classes": THREE, "automl": {"objective": "maximize-au-roc"}}, "multiclass", "minimize-log-loss"),
        ({"kind": "image", "classes": DIGITS, "automl": {"objective": "minimize-log-loss"}}, "no objective", "leave"),
        ({"classes": TWO, "automl": {"node_hours": 0.5}}, "0.5 node hours", "node_hours: 1"),
        ({"kind": "image", "classes": DIGITS, "automl": {"node_hours": 4}}, "4 node hours", "node_hours: 8"),
    ],
)
def test_what_the_service_would_refuse_is_refused_with_the_way_out(asked: dict[str, Any], words: str, way_out: str) -> None:
    with pytest.raises(UsageError) as refused:
        plan(**asked)
    assert words in refused.value.message and way_out in str(refused.value.hint)
    assert refused.value.code == "CN510"


def test_a_table_may_have_a_thousand_columns_and_no_more() -> None:
    def rows(count: int) -> Rows:
        return Rows("table", 900, 200, 0, None, {f"x{one}": "number" for one in range(count)})

    assert len(pipeline(plan(rows=rows(999)))["trainingTaskInputs"]["transformations"]) == 999
    with pytest.raises(UsageError, match="1001 columns"):
        plan(rows=rows(1000))


@given(st.dictionaries(st.text("abc", min_size=1), st.tuples(st.integers(10, 900), st.integers(0, 300)), min_size=2, max_size=9))
def test_a_rare_class_is_warned_of_by_the_chance_that_it_misses_a_part(classes: dict[str, tuple[int, int]]) -> None:
    rare = min(sum(counts) for counts in classes.values())
    chance = chance_to_miss(job(kind="image", classes=classes))
    assert 0 <= chance <= 1 and chance >= 0.9**rare
    warned = any("by chance" in note for note in plan(kind="image", classes=classes).notes)
    assert warned is (chance >= 0.01)


def test_the_known_regions_hold_every_region_of_a_rule() -> None:
    from cloud_nas.targets.vertex.automl_rules import IMAGE_LOCATIONS, NOT_TABLES

    assert {*IMAGE_LOCATIONS, *NOT_TABLES} <= set(LOCATIONS)


def test_a_key_encrypts_the_data_set_the_training_and_the_model() -> None:
    key = "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"
    data_set, asked = bodies(plan(classes=TWO, place={"kms_key": key}))
    spec = {"kmsKeyName": key}
    assert data_set["dataset"]["encryptionSpec"] == asked["trainingPipeline"]["encryptionSpec"] == spec
    assert asked["trainingPipeline"]["modelToUpload"]["encryptionSpec"] == spec


def test_all_three_resources_carry_our_labels_and_the_users() -> None:
    data_set, asked = bodies(plan(classes=TWO, place={"labels": {"team": "vision"}}))
    for made in (data_set["dataset"], asked["trainingPipeline"], asked["trainingPipeline"]["modelToUpload"]):
        assert made["labels"]["team"] == "vision" and made["labels"]["cloud-nas-nonce"] == "nonce"


def test_losses_without_a_budget_are_those_that_no_job_can_carry() -> None:
    assert codes(classes=TWO, metric="auc", budget=NONE) == LOST | {"CN358"}
