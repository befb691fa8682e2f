"""The spec as a file: where it is, what bytes are in it, and the paths it holds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cloud_nas import spec


def only(path: Path) -> spec.Diagnostic:
    """The one mistake of a spec that has one."""
    loaded, found = spec.read(path)
    assert loaded is None
    assert len(found) == 1, found
    return found[0]


def test_no_such_file_has_the_exit_status_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(spec.SpecError) as raised:
        spec.load(tmp_path / "spec.yaml")
    assert raised.value.code == "CN101"
    assert raised.value.exit_status == 5
    assert "cloud-nas init" in (raised.value.hint or "")


def test_a_spec_that_is_not_valid_has_the_exit_status_of_usage(good: Path) -> None:
    good.write_text(good.read_text() + "colour: red\nsize: 3\n")
    with pytest.raises(spec.SpecError) as raised:
        spec.load(good)
    assert raised.value.exit_status == 2
    assert str(raised.value) == f'{good}:24:1: unknown key "colour" (+1 more)'


@pytest.mark.parametrize(
    ("content", "code", "place", "word"),
    [
        (b"task: \0\n", "CN102", (1, 7), "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "CN102", (3, 1), "not a text file"),
        ("task: tabular\nname: é\n".encode("latin-1"), "CN102", (2, 7), "not UTF-8"),
        ("task: x\n".encode("utf-16"), "CN102", (1, 4), "not a text file"),
        (b"# " + b"x" * 1_000_000, "CN102", (1, 1), "larger than 1 MB"),
        (b"task: \x07\n", "CN103", (1, 7), "not YAML"),
        (b"- " * 30_000, "CN107", (1, 83), "nested"),
        (b"{a: " * 30_000, "CN107", (1, 165), "nested"),
        (b"[" + b"1," * 30_000 + b"]", "CN107", (1, 40000), "20,000 values"),
    ],
)
def test_what_is_not_a_text_for_people_is_refused(
    tmp_path: Path, content: bytes, code: str, place: tuple[int, int], word: str
) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(content)
    found = only(path)
    assert (found.code, (found.line, found.column)) == (code, place)
    assert word in found.message


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    assert "is a folder" in only(tmp_path).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_spec(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in only(tmp_path / "pipe.yaml").message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is readable to this user")
def test_a_file_that_may_not_be_read(good: Path) -> None:
    good.chmod(0)
    assert "no permission" in only(good).message


def test_byte_order_mark_and_carriage_returns_change_nothing(good: Path) -> None:
    plain = spec.load(good)
    good.write_bytes(b"\xef\xbb\xbf" + good.read_bytes().replace(b"\n", b"\r\n"))
    assert spec.load(good).spec == plain.spec
    assert spec.load(good).position("budget.time") == plain.position("budget.time")


def test_spaces_and_other_alphabets_in_every_path(project: Path) -> None:
    folder = project.parent / "mes données 数据"
    shutil.copytree(project, folder)
    for old, new in {"model.py": "mon modèle.py", "flowers.csv": "fleurs d'été.csv", "heldout.csv": "à part.csv"}.items():
        (folder / old).rename(folder / new)
    (folder / "à part.csv").write_text("petal length,petal width,kind\n1,2,a\n")
    path = folder / "spécification une.yaml"
    path.write_text(
        'task: tabular-classification\ndata: {source: "fleurs d\'été.csv", target: kind, split: {test: à part.csv}}\n'
        "space: {model: mon modèle.py:build}\ncode: {include: [layers/]}\n",
        encoding="utf-8",
    )
    definition = spec.definition_of(spec.load(path))
    assert definition.data.source == str(folder / "fleurs d'été.csv")
    assert definition.data.split.test == str(folder / "à part.csv")
    assert definition.space.file == str(folder / "mon modèle.py")
    assert definition.name == "sp-cification-une"


def test_the_home_folder_and_relative_paths(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project))
    below = project / "specs"
    below.mkdir()
    (below / "a.yaml").write_text(
        "task: tabular-classification\ndata: {source: ~/flowers.csv, target: kind}\nspace: {model: ../model.py:build}\n"
    )
    monkeypatch.chdir(project)
    loaded = spec.load("specs/a.yaml")
    definition = spec.definition_of(loaded)
    assert definition.data.source == str(project / "flowers.csv")
    assert Path(str(definition.space.file)).samefile(project / "model.py")
    assert loaded.path == below / "a.yaml"
    assert loaded.spec.data.source == "~/flowers.csv"


@pytest.mark.parametrize("source", ["~nobody-of-this-name/x.csv", "x" * 5000, "a\\0b", "http://host/x.csv"])
def test_what_cannot_be_a_path(project: Path, source: str) -> None:
    path = project / "spec.yaml"
    path.write_text(f'task: image-classification\ndata: {{source: "{source}"}}\nspace: {{model: model.py:build}}\n')
    assert only(path).code in ("CN109", "CN201")


def test_a_model_file_that_is_a_folder_or_too_deep(project: Path) -> None:
    (project / "folder.py").mkdir()
    (project / "deep.py").write_text("x = " + "(" * 5000 + ")" * 5000)
    path = project / "spec.yaml"
    for name, code in (("folder", "CN220"), ("deep", "CN223")):
        path.write_text(f"task: image-classification\ndata: {{source: builtin:digits}}\nspace: {{model: {name}.py:x}}\n")
        assert only(path).code == code


@pytest.mark.parametrize("name", ["build", "Net", "ready", "make_model", "functools"])
def test_every_way_to_bind_a_name_counts(project: Path, name: str) -> None:
    path = project / "spec.yaml"
    path.write_text(f"task: image-classification\ndata: {{source: builtin:digits}}\nspace: {{model: model.py:{name}}}\n")
    assert spec.load(path).spec.space.model == f"model.py:{name}"


def test_what_a_star_import_brings_cannot_be_known(project: Path) -> None:
    path = project / "spec.yaml"
    path.write_text("task: image-classification\ndata: {source: builtin:digits}\nspace: {model: star.py:anything}\n")
    assert spec.load(path)
