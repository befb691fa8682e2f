"""`status`, `show` and `check`: what is known, told at once and without the engine where that is promised."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import cloud_nas as cn

MakeSpec = Callable[..., Path]
HEAVY = {"tensorflow", "keras", "optuna", "pandas", "numpy", "sklearn", "pyarrow", "skops", "boto3", "pydantic", "ruamel"}


def test_status_lists_every_run(finished: cn.RunResult) -> None:
    (found,) = cn.status()
    assert found == cn.status(finished.run_id)[0]
    keys = {"run_id", "name", "target", "remote", "attempt", "state", "note", "reason", "seen_at", "source", "trials", "best"}
    assert keys | {"cost", "rehearsed"} <= set(found.to_json())
    assert found.to_json()["best"] == finished.to_json()["best"]
    assert found.seen_at.endswith("Z")


def test_status_of_what_is_not_there(home: Path) -> None:
    assert cn.status() == []
    with pytest.raises(cn.NotFoundError):
        cn.status("r-aaaaa")


def test_status_imports_nothing_heavy(finished: cn.RunResult) -> None:
    code = f"import sys, cloud_nas; assert cloud_nas.status(); print(*sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_show_has_the_run_and_its_trials(finished: cn.RunResult) -> None:
    run = cn.show(finished.run_id).to_json()
    assert run["test"] == finished.test and "model.keras" in run["files"]
    assert run["manifest"]["classes"] == list("0123456789")
    trial = cn.show(f"{finished.run_id}/1").to_json()
    assert [epoch["epoch"] for epoch in trial["curve"]] == [1, 2]
    assert trial["params"] == dict(cn.trials(finished.run_id)[1].params)
    with pytest.raises(cn.NotFoundError, match="no trial 9"):
        cn.show(f"{finished.run_id}/9")
    with pytest.raises(cn.UsageError):
        cn.show(f"{finished.run_id}/last")


def test_the_public_list_is_what_can_be_used() -> None:
    for name in cn.__all__:
        assert getattr(cn, name) is not None
    assert set(cn.__all__) <= set(dir(cn))
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        cn.rum  # noqa: B018
    from cloud_nas.cli.version import VERSION

    assert cn.__version__ == VERSION


def test_a_good_spec_has_no_mistakes(make_spec: MakeSpec) -> None:
    checked = cn.check(make_spec())
    assert checked.ok and checked.diagnostics == () and checked.notes == ()


def test_check_tells_all_of_several_specs(make_spec: MakeSpec, tmp_path: Path) -> None:
    wrong = make_spec("wrong", task="image-clasification", search="{strategy: randm}")
    checked = cn.check([make_spec(), wrong, tmp_path / "nowhere.yaml"], build=False)
    assert not checked.ok
    assert {Path(one.file).name for one in checked.diagnostics} == {"spec.yaml", "nowhere.yaml"}
    assert len(checked.diagnostics) >= 3


def _model(last: str, loss: str, first: str = "keras.layers.Flatten()") -> str:
    return (
        "import keras\n\n\ndef build(hp):\n"
        f"    model = keras.Sequential([{first}, {last}])\n"
        f"    model.compile('adam', {loss})\n"
        "    return model\n"
    )


WARNED = {
    "CN230": _model("keras.layers.Dense(10)", "'sparse_categorical_crossentropy'"),
    "CN231": _model(
        "keras.layers.Dense(10, activation='softmax')", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
    ),
    "CN232": _model("keras.layers.Dense(9, activation='softmax')", "'sparse_categorical_crossentropy'"),
    "CN233": _model(
        "keras.layers.Flatten(), keras.layers.Dense(10, activation='softmax')", "'sparse_categorical_crossentropy'",
        "keras.Input((28, 28))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", WARNED)
def test_building_once_finds_what_costs_a_search(make_spec: MakeSpec, code: str) -> None:
    spec = make_spec(model=WARNED[code])
    found = cn.check(spec)
    assert [(one.code, one.severity) for one in found.diagnostics] == [(code, "warning")]
    assert found.ok and found.diagnostics[0].hint
    assert cn.check(spec, build=False).diagnostics == ()


def test_a_file_that_trains_when_imported_is_an_error_at_its_line(make_spec: MakeSpec) -> None:
    model = _model("keras.layers.Dense(10, activation='softmax')", "'mse'") + (
        "\n\nimport numpy as np\nimport keras_tuner\n\n"
        "build(keras_tuner.HyperParameters()).fit(np.zeros((4, 8, 8)), np.zeros(4))\n"
    )
    spec = make_spec(model=model)
    (found,) = cn.check(spec).diagnostics
    assert (found.code, found.severity, Path(found.file)) == ("CN226", "error", spec.parent / "model.py")
    assert model.splitlines()[found.line - 1].startswith("build(")


def test_a_model_that_cannot_be_built_is_an_error_at_its_line(make_spec: MakeSpec) -> None:
    spec = make_spec(model="def build(hp):\n    hp.Int('a', 1, 2)\n    return undefined\n")
    (found,) = cn.check(spec).diagnostics
    assert (found.code, found.line, Path(found.file).name) == ("CN227", 3, "model.py")


def test_data_that_do_not_fit_are_an_error_in_the_spec(make_spec: MakeSpec, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    spec = make_spec(
        task="tabular-classification", data="{source: ../rows.csv, target: b, split: {validation: 0.2, test: 0.001}}"
    )
    (found, *_) = cn.check(spec).diagnostics
    assert found.severity == "error" and Path(found.file) == spec and found.line > 0


def test_without_the_engine_check_says_so_and_looks_at_the_rest(make_spec: MakeSpec) -> None:
    code = (
        "import sys\nsys.modules['tensorflow'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'tensorflow' else real(name, *rest)\n"
        "import cloud_nas as cn\n"
        "found = cn.check(sys.argv[1]); print(found.ok, found.notes)\n"
        "try:\n    cn.run(sys.argv[1])\nexcept cn.MissingExtraError as error:\n    print(error.hint, error.exit_status)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(make_spec())], capture_output=True, text=True, check=True)
    first, second = done.stdout.strip().splitlines()
    assert first.startswith("True") and "tensorflow not installed" in first
    assert second == 'pip install "cloud-nas[local]" 2'
