"""The templates: written whole or not at all, valid as they are, and each of them runs."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from cloud_nas.errors import RefusedError, UsageError
from cloud_nas.operations import initialize
from cloud_nas.operations.check import check
from cloud_nas.operations.run import run
from cloud_nas.operations.starter import templates as locating
from cloud_nas.spec import schema

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("image", "sklearn", "table", "text")


def test_the_list_has_a_line_for_each() -> None:
    found = initialize.templates()
    assert tuple(one.name for one in found) == NAMES
    assert all(one.summary.endswith(".") and "\n" not in one.summary for one in found)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_valid_as_it_is(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "mit Leerzeichen ü"
    starter = initialize.from_template(folder, name)
    assert starter.spec == folder / "spec.yaml"
    assert {path.name for path in starter.files} >= {"spec.yaml", "model.py", "cloud-nas.schema.json"}
    assert starter.spec.read_text().startswith("# yaml-language-server: $schema=./cloud-nas.schema.json\n")
    checked = check(starter.spec)
    assert checked.ok and checked.diagnostics == ()


def test_the_schema_beside_it_is_this_version_s(tmp_path: Path) -> None:
    import json

    initialize.from_template(tmp_path, "image")
    assert json.loads((tmp_path / "cloud-nas.schema.json").read_text()) == schema()


def test_an_installation_has_them_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "cloud_nas"
    (package / "templates" / "own").mkdir(parents=True)
    (package / "templates" / "own" / "spec.yaml").write_text("# for the editor\n# What it is.\nversion: 1\n")
    monkeypatch.setattr(locating.cloud_nas.operations, "__file__", str(package / "operations" / "__init__.py"))
    assert [(one.name, one.summary) for one in initialize.templates()] == [("own", "What it is.")]


def test_no_such_template(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        initialize.from_template(tmp_path / "new", "tabel")
    assert caught.value.hint == 'did you mean "table"?'
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten_and_nothing_is_written_half(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("mine")
    (tmp_path / "cloud-nas.schema.json").write_text("{}")
    with pytest.raises(UsageError) as caught:
        initialize.from_template(tmp_path, "text")
    assert caught.value.message.startswith("model.py, cloud-nas.schema.json are already in")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cloud-nas.schema.json", "model.py"]
    assert (tmp_path / "model.py").read_text() == "mine"


def test_a_second_starter_beside_the_first_keeps_the_schema(tmp_path: Path) -> None:
    initialize.from_template(tmp_path, "image")
    for name in ("spec.yaml", "model.py"):
        (tmp_path / name).rename(tmp_path / f"old-{name}")
    assert initialize.from_template(tmp_path, "image").files[-1] == tmp_path / "cloud-nas.schema.json"


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        initialize.from_template(tmp_path / "file", "image")
    with pytest.raises((RefusedError, UsageError)):
        initialize.from_template(tmp_path / "file" / "deeper", "image")


def test_made_up_data_are_what_their_maker_makes(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "table").mkdir()
    runpy.run_path(str(ROOT / "templates" / "make_data.py"))["main"](tmp_path)
    for name in ("text/reviews.csv", "table/customers.csv"):
        assert (tmp_path / name).read_text() == (ROOT / "templates" / name).read_text()


def test_a_keras_template_runs(tmp_path: Path) -> None:
    result = run(initialize.from_template(tmp_path, "text").spec, max_trials=1)
    assert result.state == "succeeded" and result.test is not None
    assert result.test["accuracy"] > 0.7


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("image", 0.95), ("sklearn", 0.9), ("table", 0.75), ("text", 0.85)])
def test_each_runs_as_it_is(name: str, least: float, tmp_path: Path) -> None:
    result = run(initialize.from_template(tmp_path, name).spec)
    assert result.state == "succeeded" and result.test is not None
    assert result.test["accuracy"] >= least
