"""The parts of a container's job, each by itself: lines, clock, placing, wheels, copies."""

from __future__ import annotations

import importlib
import io
import json
import sqlite3
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from local_engine.containers import placing, trial, wheels
from local_engine.containers.account import Account
from local_engine.containers.base import Base, Order
from local_engine.containers.clock import JobClock
from local_engine.containers.mirror import Mirror
from local_engine.containers.objective import ObjectiveLines
from local_engine.containers.platform import Platform
from local_engine.definition import Data, Definition, Final, ModelSpace, Objective, Search
from local_engine.events import TrialEnded

VALUES = some.lists(some.none() | some.floats(allow_nan=False, allow_infinity=False), max_size=12)


@given(values=VALUES, cut=some.integers(0, 12), goal=some.sampled_from(["maximize", "minimize"]))
def test_one_line_an_epoch_with_the_best_so_far_however_often_it_is_trained(values: list[Any], cut: int, goal: Any) -> None:
    out, objective = io.StringIO(), Objective("accuracy", goal)
    first = ObjectiveLines(objective, out=out)
    for number, value in enumerate(values[:cut], 1):
        first.epoch(number, value)
    second = ObjectiveLines(objective, list(enumerate(values[:cut], 1)), out=out)
    for number, value in enumerate(values, 1):  # from the beginning again, its checkpoint being lost
        second.epoch(number, value)
    told, best, choose = [], [], max if goal == "maximize" else min
    for value in values:
        told += [] if value is None else [value]
        best += [] if value is None else [choose(told)]
    lines = [line.removeprefix("cloud_nas_metric val_accuracy=") for line in out.getvalue().splitlines()]
    assert [float(line) for line in lines] == best


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_time_is_counted_over_all_starts(tmp_path: Path) -> None:
    time = Clock()
    first = JobClock(tmp_path, 100, clock=time)
    time.now = 30
    first.note()
    time.now = 1000
    second = JobClock(tmp_path, 100, clock=time)
    time.now = 1050
    assert (second.earlier, second.seconds, second.left) == (30, 80, 20)
    (tmp_path / "worked.json").write_text('{"seco')
    assert JobClock(tmp_path, 100, clock=time).seconds == 0


def test_no_epoch_is_begun_that_would_not_end_in_time(tmp_path: Path) -> None:
    time = Clock()
    objective, space = Objective("accuracy", "maximize"), ModelSpace(None, "build")
    definition = Definition("t", "image-classification", Data("x"), objective, space, Search("random"))
    platform = Platform(Base(tmp_path, "job", tmp_path))
    watching = trial.Watching(platform, JobClock(tmp_path, 100, clock=time), trial.report_of(platform, definition), now=time)
    for epoch in range(1, 4):
        time.now = 24.0 * epoch
        watching.on_epoch(epoch, {}, None)
        assert watching.stop() is None
    time.now = 96
    watching.on_epoch(4, {}, None)
    assert watching.stop() == trial.OUT_OF_TIME


@pytest.mark.parametrize(("most", "own"), [(86400, 82080), (3600, 3420), (600, 480), (120, 90), (40, 30)])
def test_a_job_keeps_a_margin_below_what_it_may(most: float, own: float) -> None:
    assert Order("trial", most, "", ()).seconds == own


def test_an_artifact_is_placed_over_the_one_before(tmp_path: Path) -> None:
    first, second = ("model.keras", "code/a.py", "manifest.json"), ("model.keras", "manifest.json", "curve.jsonl")
    for number, names in enumerate((first, second)):
        for name in names:
            path = tmp_path / str(number) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{number}")
        placing.place(tmp_path / str(number), tmp_path / "model")
    found = {path.name: path.read_text() for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert found == {"model.keras": "1", "manifest.json": "1"}


def test_only_what_cannot_be_imported_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delenv("PYTHONPATH", raising=False)
    made = {"numpy-0.1-py3-none-any.whl": {"numpy/__init__.py": ""}}
    made["cn_absent-1.2-py3-none-any.whl"] = {"cn_absent.py": "x = 1", "cn_absent-1.2.data/purelib/cn_beside.py": "y = 2"}
    for name, content in made.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for inside, text in content.items():
                archive.writestr(inside, text)
    assert wheels.add([tmp_path / name for name in made], tmp_path / "packages") == ["cn_absent 1.2"]
    assert importlib.import_module("cn_absent").x == 1 and importlib.import_module("cn_beside").y == 2
    assert not (tmp_path / "packages" / "numpy").exists()


def database(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS t (v)")
        connection.execute("INSERT INTO t VALUES (?)", (value,))
    connection.close()


def test_copies_come_back_and_torn_ones_never_end_a_job(tmp_path: Path) -> None:
    run, copy = tmp_path / "run", tmp_path / "copy"
    database(run / "study.sqlite3", 7)
    (run / "spent.json").write_text('{"seconds": 5.0}')
    for name in ("0/model.keras", "0/curve.jsonl", "1/.curve.tmp"):
        (run / "trials" / name).parent.mkdir(parents=True, exist_ok=True)
        (run / "trials" / name).write_text(name)
    mirror = Mirror(run, copy)

    def keep() -> None:
        study = mirror.study()
        assert study is not None
        mirror.trials()
        mirror.finish(study)

    keep()
    (run / "trials" / "0" / "model.keras").unlink()
    keep()
    assert (copy / "trials" / "0" / "model.keras").exists(), "the study before may still need it"
    keep()
    assert not (copy / "trials" / "0" / "model.keras").exists()
    assert not (copy / "trials" / "1").exists()
    fresh = tmp_path / "fresh"
    assert Mirror(fresh, copy).bring_back()
    assert sqlite3.connect(fresh / "study.sqlite3").execute("SELECT v FROM t").fetchall() == [(7,)]
    assert json.loads((fresh / "spent.json").read_text()) == {"seconds": 5.0}
    (copy / "spent.json").write_text("{")
    assert Mirror(fresh, copy).bring_back() and not (fresh / "spent.json").exists()
    content = (copy / "study.sqlite3").read_bytes()
    for torn in (content[: len(content) // 2], b"", b"nothing of the kind" * 100):
        (copy / "study.sqlite3").write_bytes(torn)
        assert not Mirror(tmp_path / "empty", copy).bring_back()


def test_time_is_kept_back_for_the_final_fit() -> None:
    account = Account("maximize", Final())
    account(TrialEnded(0, "done", 0.5, {}, 3, 40.0))
    account(TrialEnded(1, "done", 0.4, {}, 3, 10.0))
    account(TrialEnded(0, "done", 0.6, {}, 9, 40.0))
    assert account.reserve == 30 + 100
    assert Account("maximize", Final(fit="keep")).reserve == 15


def test_the_folders_are_those_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", "/opt/ml")
    monkeypatch.setenv("TRAINING_JOB_NAME", "r-7k2xq-1-001-0a1b2c3d")
    base = Base.here()
    assert str(base.model) == "/opt/ml/model"
    assert str(base.rows) == "/opt/ml/input/data/rows"
    assert str(base.output) == "/opt/ml/output/data"
    assert str(base.checkpoints) == "/opt/ml/checkpoints/r-7k2xq-1-001-0a1b2c3d"
