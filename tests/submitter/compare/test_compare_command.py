"""`compare` as a user types it: runs, folders and files from elsewhere, on the same rows."""

from __future__ import annotations

import csv
import dataclasses
import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import cloud_nas as cn
from cloud_nas.models import predictions

if TYPE_CHECKING:
    from ..conftest import Finished, Screen


def kept(finished: Finished) -> predictions.Predictions:
    assert finished.result.model is not None
    return predictions.read(Path(finished.result.model) / "predictions.parquet")


def write_csv(path: Path, ids: list[object], predicted: list[str], **columns: list[object]) -> Path:
    """Predictions as another tool writes them."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row_id", "prediction", *columns])
        writer.writerows(zip(ids, predicted, *columns.values(), strict=True))
    return path


def wrong_half(finished: Finished, folder: Path) -> Path:
    """A csv that has every second row wrong, and gives no chances."""
    found = kept(finished)
    assert found.label is not None
    names = list(found.about.classes or ())
    told = [names[(names.index(one) + number % 2) % len(names)] for number, one in enumerate(found.label)]
    return write_csv(folder / "kaggle.csv", found.row_id.tolist(), told)


def test_a_run_beside_predictions_from_elsewhere(finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path) -> None:
    outside = wrong_half(finished_run, tmp_path)
    shown = screen("compare", finished_run.result.run_id, str(outside), "--json")
    assert shown.status == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["schema"] == "cloud-nas/compare@1"
    assert told["metric"] == "accuracy" and told["n"] == kept(finished_run).n
    run, other = told["models"]
    assert (run["run_id"], run["target"], run["scored"]) == (finished_run.result.run_id, "local", "here")
    assert run["value"] == pytest.approx(finished_run.result.test["accuracy"])
    assert run["ci_low"] < run["value"] < run["ci_high"]
    assert run["params"] > 0 and run["bytes"] > 0 and run["latency_ms"] > 0 and run["throughput"] > 0 and run["threads"] >= 1
    assert (other["name"], other["run_id"], other["value"]) == ("kaggle", None, pytest.approx(0.5))
    (test,) = told["tests"]
    assert test["test"] == "mcnemar" and test["p_adjusted"] < 0.05
    assert told["winner"] == finished_run.result.run_id


def test_a_model_and_itself_are_tied(finished_run: Finished, screen: Callable[..., Screen]) -> None:
    run = finished_run.result.run_id
    shown = screen("compare", run, str(finished_run.result.model), "--no-speed")
    assert shown.status == 0, shown.stderr
    header, *lines = [line.split("\t") for line in shown.stdout.splitlines()]
    assert header[:2] == ["model", "target"]
    assert [line[header.index("tied with best")] for line in lines] == ["true", "true"]
    assert "no winner by accuracy" in shown.stderr and "no number of rows" in shown.stderr


def test_rows_of_a_file_are_asked_of_all_models(finished_run: Finished, tmp_path: Path) -> None:
    """The built-in digits again: the spec's own held-out rows, predicted anew."""
    found = cn.compare(
        [finished_run.result, wrong_half(finished_run, tmp_path)], data="builtin:digits", metrics=["log_loss"], measure=False
    )
    assert found.comparison.n == kept(finished_run).n
    assert found.table[0]["value"] == pytest.approx(finished_run.result.test["log_loss"], abs=1e-6)


def test_rows_that_a_model_was_trained_on_are_refused(
    finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path
) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    seen = tmp_path / "seen.npz"
    np.savez(seen, x=(digits.images[:50] / 16).astype("float32"), y=digits.target[:50])
    run, folder = finished_run.result.run_id, str(finished_run.result.model)
    shown = screen("compare", run, folder, "--data", str(seen))
    assert shown.status == 9, shown.stderr
    assert "trained on" in shown.stderr and "--allow-overlap" in shown.stderr
    allowed = screen("compare", run, folder, "--data", str(seen), "--allow-overlap", "--no-speed")
    assert allowed.status == 0, allowed.stderr


def test_a_condition_decides_the_exit(finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path) -> None:
    named = (finished_run.result.run_id, str(wrong_half(finished_run, tmp_path)), "--no-speed")
    assert screen("compare", *named, "--fail-if", "accuracy < 0.4").status == 0
    assert screen("compare", *named, "--fail-if", "kaggle.accuracy < 0.6").status == 1
    assert screen("compare", *named, "--fail-if", "kaggle.speed < 1").status == 2
    assert screen("compare", *named, "--fail-if", "quite good").status == 2


def test_a_file_of_other_rows_is_refused(finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path) -> None:
    found = kept(finished_run)
    ids = [f"other {one}" for one in found.row_id.tolist()]
    shown = screen("compare", finished_run.result.run_id, str(write_csv(tmp_path / "x.csv", ids, found.prediction.tolist())))
    assert shown.status == 9
    assert "is not of these rows" in shown.stderr


def test_a_class_that_nobody_knows_is_refused(finished_run: Finished, screen: Callable[..., Screen], tmp_path: Path) -> None:
    found = kept(finished_run)
    told = ["a cat", *found.prediction.tolist()[1:]]
    shown = screen("compare", finished_run.result.run_id, str(write_csv(tmp_path / "x.csv", found.row_id.tolist(), told)))
    assert shown.status == 1
    assert "no class" in shown.stderr


def test_files_alone_that_say_nothing_of_their_rows_are_refused(screen: Callable[..., Screen], tmp_path: Path) -> None:
    paths = [write_csv(tmp_path / name, [0, 1], ["a", "b"]) for name in ("one.csv", "two.csv")]
    shown = screen("compare", *map(str, paths))
    assert shown.status == 2
    assert "which rows" in shown.stderr


def test_what_nobody_knows_is_not_found(finished_run: Finished, screen: Callable[..., Screen]) -> None:
    assert screen("compare", finished_run.result.run_id, "r-zzzzz").status == 5


def test_an_operation_keeps_its_name_beside_a_room_that_is_called_the_same() -> None:
    import cloud_nas.compare.comparison
    import cloud_nas.rehearse.clouds  # noqa: F401

    assert callable(cn.compare) and callable(cn.rehearse)


def test_held_out_rows_that_a_model_was_trained_on_are_refused(
    finished_run: Finished, artifact: Path, screen: Callable[..., Screen]
) -> None:
    told = json.loads((artifact / "manifest.json").read_text())
    assert told["data"]["overlap"] == 0 and told["data"]["rows"]["test"] == 180
    told["data"]["overlap"] = 7
    (artifact / "manifest.json").write_text(json.dumps(told))
    named = (finished_run.result.run_id, str(artifact), "--no-speed")
    shown = screen("compare", *named)
    assert shown.status == 9
    assert "7 of the 180 held-out rows are also in training or validation" in shown.stderr
    allowed = screen("compare", *named, "--allow-overlap")
    assert allowed.status == 0 and "7 of the 180" in allowed.stderr


def test_a_model_that_does_not_say_it_is_looked_at_by_its_data(
    finished_run: Finished, artifact: Path, screen: Callable[..., Screen], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads((artifact / "manifest.json").read_text())
    del told["data"]["overlap"]
    (artifact / "manifest.json").write_text(json.dumps(told))
    assert screen("compare", finished_run.result.run_id, str(artifact), "--no-speed").status == 0
    module = importlib.import_module("local_engine.data.load")
    monkeypatch.setattr(module, "_parts", _with_overlap(module._parts))
    assert screen("compare", finished_run.result.run_id, str(artifact), "--no-speed").status == 9


def _with_overlap(parts: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: (*parts(*given)[:3], 4)


def test_folders_and_files_of_one_name_are_called_as_they_were_typed(
    finished_run: Finished, artifact: Path, screen: Callable[..., Screen], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = shutil.copytree(artifact, tmp_path / "other" / artifact.name)
    shown = screen("compare", str(artifact), str(other), "--no-speed", "--json", "--html", "page.html")
    assert shown.status == 0, shown.stderr
    assert [model["name"] for model in json.loads(shown.stdout)["models"]] == [str(artifact), str(other)]
    assert "Flatten" in (tmp_path / "page.html").read_text(), "the networks of folders are drawn, too"
    twice = screen("compare", str(artifact), str(artifact), "--no-speed")
    assert twice.status == 2 and "named twice" in twice.stderr


def test_one_of_a_runs_trials_beside_its_model(finished_run: Finished, screen: Callable[..., Screen]) -> None:
    run = finished_run.result.run_id
    assert finished_run.result.best is not None
    trial = f"{run}/{finished_run.result.best.trial}"
    shown = screen("compare", run, trial, "--json")
    assert shown.status == 0, shown.stderr
    models = json.loads(shown.stdout)["models"]
    assert {model["name"] for model in models} == {run, trial}
    assert {model["run_id"] for model in models} == {run}


def test_predictions_that_were_changed_are_not_taken_for_a_models_own(
    finished_run: Finished, artifact: Path, screen: Callable[..., Screen]
) -> None:
    found = kept(finished_run)
    assert found.label is not None
    predictions.write(dataclasses.replace(found, prediction=found.label), artifact / "predictions.parquet")
    shown = screen("compare", finished_run.result.run_id, str(artifact), "--no-speed")
    assert shown.status == 1 and "not the one that its manifest lists" in shown.stderr


def test_held_out_rows_of_a_rehearsal_of_all_rows_are_those_of_a_run_here(finished_run: Finished) -> None:
    """What the benchmark stands on: the split is the spec's, wherever the search is."""
    from cloud_nas.operations._prepare import load_rows
    from cloud_nas.spec import load

    _, data = load_rows(load(finished_run.spec, overrides={"targets.sagemaker.region": "eu-west-1", "budget.trials": 1}))
    assert data.test is not None and data.test.sha256() == kept(finished_run).about.rows_sha256


def test_what_a_stand_in_bills_is_no_cost(finished_copy: Finished, tmp_path: Path) -> None:
    import dataclasses

    from cloud_nas.runs.registry import Registry
    from cloud_nas.states import Money

    run = finished_copy.result.run_id
    found = kept(finished_copy)
    outside = write_csv(tmp_path / "x.csv", found.row_id.tolist(), found.prediction.tolist())
    with Registry() as registry:
        registry.update(dataclasses.replace(registry.get(run), cost=Money(3.0)))
    (paid,) = [one["cost"] for one in cn.compare([run, outside], measure=False).table if one["run_id"] == run]
    with Registry() as registry:
        registry.update(dataclasses.replace(registry.get(run), rehearsed=True))
    (free,) = [one["cost"] for one in cn.compare([run, outside], measure=False).table if one["run_id"] == run]
    assert paid == {"amount": 3.0, "currency": "USD"} and free is None
