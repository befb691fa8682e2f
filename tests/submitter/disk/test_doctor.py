"""`doctor`: what works here, what does not, and the command that mends it."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.doctor import engine

ROOT = Path(__file__).resolve().parents[3]
IMPORTED = ("tensorflow", "keras", "numpy", "optuna", "pandas", "pyarrow", "scipy", "sklearn", "skops", "jinja2")


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty packages in place of the engine's, which take seconds to import; TensorFlow's can be broken."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in IMPORTED:
        (folder / f"{name}.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def look(screen: Any) -> tuple[int, dict[str, dict[str, Any]]]:
    status, out, _ = screen("doctor", "--json")
    found = json.loads(out)
    assert found["schema"] == "cloud-nas/doctor@1" and found["ok"] == (status == 0)
    return status, {one["name"]: one for one in found["areas"]["local"]}


def test_a_machine_that_works_is_told_so(screen: Any, home: Path) -> None:
    status, found = look(screen)
    assert status == 0
    assert {name for name, one in found.items() if one["ok"]} >= {"python", "tensorflow", "engine", "home", "disk", "registry"}
    assert found["registry"]["text"] == "no runs yet" and found["home"]["text"] == str(home)
    assert int(found["cores"]["text"].split()[0]) <= (os.cpu_count() or 1)
    assert int(found["workers"]["text"].split()[0]) >= 1
    assert list(home.iterdir()) == []


def test_for_people_each_line_says_ok_or_problem(screen: Any, packages: Path) -> None:
    (packages / "tensorflow.py").write_text("raise ImportError('libstdc++.so.6: version not found')\n")
    status, out, err = screen("doctor", "local")
    lines = {line.split("\t")[0]: line.split("\t")[1:] for line in out.splitlines()}
    assert status == 1 and lines["what"] == ["state", "found", "mend"]
    assert lines["python"][0] == "ok" and lines["cores"][0] == ""
    assert lines["engine"] == [
        "problem",
        "cannot be imported: ImportError: libstdc++.so.6: version not found",
        'pip install "cloud-nas[local]" --force-reinstall',
    ]
    assert err.splitlines() == ["error: 1 problem: engine", f"hint: {lines['engine'][2]}"]


def test_a_tensorflow_that_ends_the_process_is_told(screen: Any, packages: Path) -> None:
    (packages / "tensorflow.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    status, found = look(screen)
    assert status == 1 and found["engine"]["text"] == "cannot be imported: ended by signal 4"


def test_what_is_asked_of_packages_is_what_the_extra_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {line.split(">=")[0]: ">=" + line.partition(">=")[2] for line in project["optional-dependencies"]["local"]}
    assert asked == engine.PACKAGES


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("2.21.0", ">=2.21,<2.22", True),
        ("2.22.0rc1", ">=2.21,<2.22", False),
        ("2.9.1", ">=2.21,<2.22", False),
        ("3.15.1", ">=3.15.1", True),
        ("3.15", ">=3.15.1", False),
        ("10", ">=5", True),
    ],
)
def test_versions_are_numbers(version: str, wanted: str, fits: bool) -> None:
    assert engine.within(version, wanted) == fits


def test_a_home_that_cannot_be_is_told_with_the_way_out(screen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "file" / "home"))
    status, found = look(screen)
    assert status == 1 and found["home"]["ok"] is False and "CLOUD_NAS_HOME" in found["home"]["hint"]


def test_a_home_that_is_not_there_yet_is_not_made(screen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "new" / "home"))
    status, found = look(screen)
    assert status == 0 and found["home"]["text"].endswith("made with the first run")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("mode", "ok"), [(0o700, True), (0o755, None), (0o770, False)])
def test_a_home_that_others_can_write_is_a_problem(screen: Any, home: Path, mode: int, ok: bool | None) -> None:
    home.chmod(mode)
    status, found = look(screen)
    assert (status, found["home"]["ok"]) == (int(ok is False), ok)
    assert found["home"]["hint"] == (None if ok else f"chmod 700 {home}")


def test_a_damaged_registry_is_told(screen: Any, home: Path) -> None:
    (home / "registry.sqlite3").write_bytes(b"not a database at all" * 100)
    status, found = look(screen)
    assert status == 1 and "damaged" in found["registry"]["text"] and "move" in found["registry"]["hint"]


def test_each_run_is_told_with_its_size(screen: Any, make_run: Any) -> None:
    make_run("r-aaaaa")
    make_run("r-bbbbb", None)
    (make_run("r-ccccc", "failed") / "large.bin").write_bytes(b"x" * 2_000_000)
    status, found = look(screen)
    runs = [one for one in found.values() if one["name"].startswith("run ")]
    assert status == 0 and [one["name"] for one in runs] == ["run r-ccccc", "run r-bbbbb", "run r-aaaaa"]
    assert [one["text"] for one in runs] == [
        "2.0 MB, name of r-ccccc",
        "33.0 kB, not in the registry",
        "33.0 kB, name of r-aaaaa",
    ]
    assert found["runs"]["text"].startswith("2.1 MB in all")


@pytest.mark.slow
def test_the_packages_that_are_installed_work_together(screen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH")
    status, found = look(screen)
    assert status == 0 and found["engine"]["text"].startswith("imported in")
