"""`reproduce`: the same numbers from what a run kept, and plain words where that cannot be or did not come out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.runs.writer import writing
from local_engine import events
from local_engine.files import read_json, write_json

TREES = """
from sklearn.ensemble import RandomForestClassifier
from parts import depth


def build(hp):
    return RandomForestClassifier(n_estimators=hp.Int("trees", 2, 6), max_depth=depth(hp), random_state=1)
"""

SPEC = """
name: trees
task: tabular-classification
data: {source: rows.csv, target: kind, split: {test: 0.2}}
space: {model: model.py:build}
search: {strategy: random, seed: 2}
budget: {trials: 2}
"""


@dataclass
class Trees:
    """A finished run over a table, with its project; both to be changed at will."""

    run_id: str
    project: Path
    run: Path


@pytest.fixture(scope="module")
def trees_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str]]:
    folder = tmp_path_factory.mktemp("trees")
    project = folder / "project"
    project.mkdir()
    (project / "model.py").write_text(TREES)
    (project / "parts.py").write_text("def depth(hp):\n    return hp.Int('depth', 1, 4)\n")
    (project / "spec.yaml").write_text(SPEC)
    rows = [f"{x},{x * 7 % 11},{'ab'[x * x % 7 > 3]}" for x in range(80)]
    (project / "rows.csv").write_text("\n".join(["one,other,kind", *rows]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOUD_NAS_HOME", str(folder / "home"))
        result = cn.run(project / "spec.yaml")
    yield folder / "home", project, result.run_id


@pytest.fixture
def trees(trees_once: tuple[Path, Path, str], home: Path) -> Iterator[Trees]:
    made, project, run_id = trees_once
    shutil.copytree(made, home, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in project.iterdir() if path.is_file()}
    yield Trees(run_id, project, home / "runs" / run_id)
    for path, content in before.items():  # the run knows its project by where it is
        path.write_bytes(content)


def forget_what_ran_here(home: Path) -> None:
    with closing(sqlite3.connect(home / "registry.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM trusted_code")


def change(path: Path, **values: Any) -> None:
    write_json(path, read_json(path) | values)


def best_of(trees: Trees) -> Path:
    best = cn.status(trees.run_id)[0].best
    assert best is not None
    return trees.run / "trials" / str(best.trial)


def test_a_network_and_its_final_model_come_out_to_the_last_bit(finished_run: Any) -> None:
    said: list[events.Event] = []
    found = cn.reproduce(finished_run.result.run_id, observers=[said.append])
    assert found.exact and found.conditions == ()
    assert found.value.difference == 0 and found.value.recorded == finished_run.result.best.value
    assert set(found.test) == set(finished_run.result.test)
    assert found.test["accuracy"].reproduced == finished_run.result.test["accuracy"]
    assert [one.epoch for one in said if isinstance(one, events.EpochEnded)] == [1, 2]


def test_an_estimator_comes_out_and_nothing_of_it_stays(trees: Trees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(trees.run.rglob("*"))
    assert cn.reproduce(trees.run_id).exact
    assert sorted(trees.run.rglob("*")) == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("rows", "said"),
    [("3,1,a\n", r"\d+ train rows then, \d+ now"), (None, "as many rows")],
    ids=["more rows", "another value"],
)
def test_data_that_changed_are_refused(trees: Trees, rows: str | None, said: str) -> None:
    source = trees.project / "rows.csv"
    text = source.read_text()
    source.write_text(text.replace("\n1,7,", "\n1,8,") if rows is None else text + rows * 5)
    with pytest.raises(cn.RefusedError, match=said):
        cn.reproduce(trees.run_id)


def test_code_that_was_edited_or_deleted_since_is_taken_from_what_the_run_kept(trees: Trees) -> None:
    (trees.project / "parts.py").unlink()
    (trees.project / "model.py").write_text("raise SystemExit('edited since')\n")
    assert cn.reproduce(trees.run_id).exact


def test_code_that_this_machine_does_not_know_needs_trust(trees: Trees, home: Path) -> None:
    forget_what_ran_here(home)
    assert cn.reproduce(trees.run_id).exact  # it is still what the user's own folder has
    (trees.project / "parts.py").write_text("def depth(hp):\n    return 1\n")
    with pytest.raises(cn.RefusedError, match="not known") as error:
        cn.reproduce(trees.run_id)
    assert "--trust" in (error.value.hint or "")
    assert cn.reproduce(trees.run_id, trust=True).exact


def test_code_that_was_tampered_with_is_never_taken_for_the_trial_s(trees: Trees) -> None:
    for kept in (trees.run / "code").glob("*.py"):
        kept.write_text(kept.read_text().replace("hp.Int('depth', 1, 4)", "hp.Int('depth', 1, 3)"))
    with pytest.raises(cn.RefusedError, match="not known"):
        cn.reproduce(trees.run_id)
    with pytest.raises(cn.RefusedError, match="not what trial"):
        cn.reproduce(trees.run_id, trust=True)


def test_a_run_of_before_code_was_kept_needs_the_code_as_it_was(trees: Trees) -> None:
    shutil.rmtree(trees.run / "code")
    assert cn.reproduce(trees.run_id).exact
    (trees.project / "parts.py").write_text("def depth(hp):\n    return 1\n")
    with pytest.raises(cn.FailedError, match="changed since"):
        cn.reproduce(trees.run_id)


def test_numbers_that_differ_fail_the_command_unless_something_explains_it(trees: Trees, screen: Callable[..., Any]) -> None:
    best = best_of(trees)
    row = json.loads((best / "curve.jsonl").read_text())
    (best / "curve.jsonl").write_text(json.dumps(row | {"value": 0.0}) + "\n")
    failed = screen("reproduce", trees.run_id, "--json")
    shown = json.loads(failed.stdout)
    assert failed.status == 1 and "from epoch 1 on" in failed.stderr
    assert (shown["schema"], shown["exact"], shown["differs_from"]) == ("cloud-nas/reproduce@1", False, 1)
    manifest = read_json(best / "manifest.json")
    change(
        best / "manifest.json",
        packages=manifest["packages"] | {"keras": "3.0.0"},
        hardware=manifest["hardware"] | {"threads": 99},
    )
    explained = screen("reproduce", trees.run_id, "--json")
    assert explained.status == 0
    assert [one.partition(":")[0] for one in json.loads(explained.stdout)["conditions"]] == ["keras", "threads for one operation"]


def test_included_files_that_changed_are_named(trees: Trees, home: Path) -> None:
    spec = trees.project / "spec.yaml"
    spec.write_text(SPEC + "code: {include: [layers.txt]}\n")
    (trees.project / "layers.txt").write_text("one")
    run_id = cn.run(spec, max_trials=1).run_id
    assert cn.reproduce(run_id).conditions == ()
    (trees.project / "layers.txt").write_text("two")
    (condition,) = cn.reproduce(run_id).conditions
    assert condition.startswith("files of `callbacks` or `code.include`")


def test_the_command_shows_each_number_then_and_now(trees: Trees, screen: Callable[..., Any]) -> None:
    shown = screen("reproduce", trees.run_id)
    lines = [line.split("\t") for line in shown.stdout.splitlines()]
    assert shown.status == 0 and "to the last bit" in shown.stderr and "searching" not in shown.stderr
    assert lines[0] == ["number", "recorded", "reproduced", "difference"]
    assert {"val_accuracy", "test accuracy"} < {line[0] for line in lines[1:]}
    assert all(line[1] == line[2] and line[3] == "0" for line in lines[1:])


def test_what_cannot_be_reproduced_says_why(trees: Trees) -> None:
    with pytest.raises(cn.NotFoundError):
        cn.reproduce("r-zzzzz")
    best = best_of(trees)
    shutil.rmtree(best)
    with pytest.raises(cn.FailedError, match="cleaned away"):
        cn.reproduce(trees.run_id)


def test_a_run_that_was_cleaned_to_its_best_still_reproduces(trees: Trees, screen: Callable[..., Any]) -> None:
    assert screen("clean", trees.run_id, "--keep-best", "--yes").status == 0
    assert cn.reproduce(trees.run_id).exact


def test_a_run_at_work_is_left_alone(trees: Trees, home: Path) -> None:
    with closing(sqlite3.connect(home / "registry.sqlite3")) as connection, connection:
        connection.execute("UPDATE runs SET state = 'running'")
    with writing(trees.run), pytest.raises(cn.RefusedError, match="still running"):
        cn.reproduce(trees.run_id)


def test_a_function_from_a_notebook_has_to_be_handed_over_again(trees: Trees) -> None:
    from sklearn.tree import DecisionTreeClassifier

    def build(hp: Any) -> Any:
        return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 3), random_state=0)

    def other(hp: Any) -> Any:
        return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 3), random_state=1)

    run_id = cn.run(trees.project / "spec.yaml", model=build, max_trials=1).run_id
    with pytest.raises(cn.FailedError, match="notebook"):
        cn.reproduce(run_id)
    with pytest.raises(cn.RefusedError, match="not what trial"):
        cn.reproduce(run_id, model=other)
    assert cn.reproduce(run_id, model=build).exact


@pytest.mark.slow  # a worker starts
def test_a_final_model_made_with_other_threads_than_its_trial_is_made_so_again(trees: Trees) -> None:
    """As a search with workers does it: a part of the cores for a trial, all of them for the final model."""
    hardware = read_json(trees.run / "model" / "manifest.json")["hardware"]
    change(trees.run / "model" / "manifest.json", hardware=hardware | {"threads": hardware["threads"] + 1})
    found = cn.reproduce(trees.run_id)
    assert found.exact and found.test and found.conditions == ()
