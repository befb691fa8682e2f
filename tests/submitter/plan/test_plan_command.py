"""`plan` by the command line and the Python door, on a spec whose model is an estimator, so that nothing is trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cloud_nas as cn
from cloud_nas.cli.main import main
from cloud_nas.operations.plan import changes, plan_again, read_plan

_SPEC = """\
name: wine
task: tabular-classification
data: {source: 'builtin:wine'}
space: {model: model.py:build}
search: {strategy: random, seed: 7}
final: {fit: keep}
budget: {trials: 4, time: 5m}
targets:
  sagemaker:
    region: eu-west-1
    bucket: my-bucket
    role: 'arn:aws:iam::123456789012:role/search'
"""
_MODEL = """
from sklearn.tree import DecisionTreeClassifier


def build(hp):
    print("this is no part of a plan")
    return DecisionTreeClassifier(max_depth=hp.Int("depth", 2, 8, step=2))
"""
_KEYS = {"schema", "target", "requests", "uploads", "losses", "max_cost", "permissions", "remains"}


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec in a folder of its own, on a machine where nobody is logged in at AWS."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    (tmp_path / "model.py").write_text(_MODEL)
    (tmp_path / "spec.yaml").write_text(_SPEC)
    return tmp_path / "spec.yaml"


@pytest.fixture
def call() -> Callable[..., Result]:
    return lambda *args: CliRunner().invoke(main, ["plan", *map(str, args)])


@pytest.mark.parametrize("on", ["sagemaker:tuning", "sagemaker:engine"])
def test_json_has_the_keys_that_scripts_read(spec: Path, call: Callable[..., Result], on: str) -> None:
    done = call(spec, "--on", on, "--json")
    assert done.exit_code == 0, done.stderr
    shown = json.loads(done.stdout)
    assert set(shown) >= _KEYS and shown["schema"] == "cloud-nas/plan@1" and shown["target"] == on
    assert all(set(one) >= {"service", "operation", "body"} for one in shown["requests"])
    for one in shown["uploads"]:
        source = Path(one["from"])
        assert one["from"].startswith("wheel:") or source.stat().st_size == one["bytes"]
    assert {one["code"] for one in shown["losses"]} == (
        {"CN301", "CN310", "CN312", "CN321", "CN334"} if on.endswith("tuning") else set()
    )
    assert {one["path"]: one["line"] for one in shown["losses"]}.get("search.seed", 5) == 5
    assert set(shown["max_cost"]) >= {"amount", "currency", "kind", "formula"} and shown["max_cost"]["kind"] == "bound"
    assert "submit" in done.stderr.splitlines()[-1]


def test_a_person_sees_all_of_it(spec: Path, call: Callable[..., Result]) -> None:
    done = call(spec, "--on", "sagemaker:tuning", "--spot")
    for text in (
        '"EnableManagedSpotTraining": true',
        "CreateHyperParameterTuningJob",
        "s3://my-bucket/cloud-nas/code/",
        f"{spec}:4: CN301 space.model: approximated: the steps of depth (2)",
        "cost: at most",
        "iam:PassRole",
        "what remains",
    ):
        assert text in done.stdout
    assert "no part of a plan" not in done.stdout


def test_strict_refuses_what_loses_something(spec: Path, call: Callable[..., Result]) -> None:
    lossy = call(spec, "--on", "sagemaker:tuning", "--strict", "--json")
    assert (lossy.exit_code, lossy.stdout) == (3, "")
    assert "CN301" in lossy.stderr and "[CN300]" in lossy.stderr
    assert call(spec, "--on", "sagemaker:engine", "--strict", "--json").exit_code == 0


def test_a_plan_that_was_written_holds_until_something_changes(spec: Path, call: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    done = call(spec, "--on", "sagemaker:tuning", "--max-trials", "3", "--out", file, "--json")
    assert f"cloud-nas submit {file}" in done.stderr
    saved = read_plan(file)
    shown: dict[str, Any] = json.loads(done.stdout)
    assert json.loads(json.dumps(saved.to_json())) == {key: value for key, value in shown.items() if key != "schema"}
    again = plan_again(saved)
    assert changes(saved, again) == () and again.plan.name == saved.plan.name
    assert again.requests[0].body["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 3
    (spec.parent / "model.py").write_text(_MODEL.replace("2, 8", "2, 6"))
    assert "the code changed" in changes(saved, plan_again(saved))
    (spec.parent / "model.py").write_text(_MODEL)
    spec.write_text(_SPEC.replace("time: 5m", "time: 6m"))
    assert "the spec changed" in changes(saved, plan_again(saved))


def test_the_python_door_gives_the_same_plan_twice(spec: Path) -> None:
    first = cn.plan(spec, on="sagemaker:engine")
    second = cn.plan(cn.load(spec), on="sagemaker:engine", name=first.plan.name)
    assert first.plan == second.plan and first.losses == ()
    assert first.max_cost is not None and first.requests[0].operation == "CreateTrainingJob"


@pytest.mark.parametrize(
    ("args", "status", "text"),
    [
        (("--on", "sagemaker:autopilot"), 2, "needs 500"),
        (("--on", "sagemaker:tunning"), 2, "sagemaker:tuning"),
        (("--on", "local"), 2, "this machine"),
    ],
)
def test_what_cannot_be_planned_is_told(
    spec: Path, call: Callable[..., Result], args: tuple[str, ...], status: int, text: str
) -> None:
    done = call(spec, *args)
    assert (done.exit_code, done.stdout) == (status, "")
    assert text in done.stderr


def test_a_region_that_nobody_named_is_asked_for(spec: Path, call: Callable[..., Result]) -> None:
    spec.write_text(_SPEC.replace("    region: eu-west-1\n", ""))
    done = call(spec, "--on", "sagemaker:engine")
    assert done.exit_code == 2 and "region" in done.stderr


def test_a_file_that_is_no_plan_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(cn.NotFoundError):
        read_plan(tmp_path / "plan.json")
    for text in ("", "[]", "{}", '{"schema": "cloud-nas/plan@1"}'):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(cn.FailedError, match="no plan"):
            read_plan(tmp_path / "plan.json")


def test_check_tells_what_a_target_does_otherwise(spec: Path) -> None:
    checked = cn.check(spec, on="sagemaker:tuning")
    assert checked.ok
    found = {one.code: one for one in checked.diagnostics}
    assert found["CN301"].line == 4 and found["CN312"].line == 5
    refused = cn.check(spec, on="sagemaker:autopilot")
    assert not refused.ok and "CN510" in {one.code for one in refused.diagnostics}
    assert not {one.code for one in cn.check(spec).diagnostics} & {"CN301", "CN510"}
