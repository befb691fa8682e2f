"""The screens of `check`, `explain` and `schema`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
version: 1
task: tabular-classification
data:
  source: rows.csv
  target: kind
space:
  model: model.py:build
search: {strategy: random, seed: 3}
budget: {trials: 4, time: 90s}
"""
MODEL = """\
from sklearn.linear_model import LogisticRegression


def build(hp):
    return LogisticRegression(C=hp.Float("C", 0.1, 10.0))
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    rows = "".join(f"{number},{number % 7},{'a' if number % 2 else 'b'}\n" for number in range(80))
    (tmp_path / "rows.csv").write_text("width,height,kind\n" + rows)
    (tmp_path / "model.py").write_text(MODEL)
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    return path


def mend(spec: Path, *changes: tuple[str, str]) -> None:
    text = spec.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    spec.write_text(text)


def test_a_spec_without_mistakes(spec: Path, screen: Callable[..., Any]) -> None:
    said = "no mistakes in spec.yaml\nhint: cloud-nas run spec.yaml\n"
    assert screen("check", "spec.yaml") == (0, "", said)
    assert screen("check", "-q", "spec.yaml", "--no-build") == (0, "", "")


FULL = """\
spec.yaml:5:11: error CN202: there is no column "kinds" in rows.csv
    5 |   target: kinds
      |           ^^^^^
  hint: did you mean "kind"?

spec.yaml:8:20: error CN128: there is no strategy "randm"
    8 | search: {strategy: randm, seed: 3}
      |                    ^^^^^
  hint: did you mean "random"?

spec.yaml:9:10: error CN104: unknown key "trails" in budget
    9 | budget: {trails: 4, time: 90s}
      |          ^^^^^^
  hint: did you mean "trials"?
"""


@pytest.fixture
def broken(spec: Path) -> Path:
    mend(spec, ("target: kind", "target: kinds"), ("strategy: random", "strategy: randm"), ("trials: 4", "trails: 4"))
    return spec


def test_all_mistakes_in_full(broken: Path, screen: Callable[..., Any]) -> None:
    assert screen("check", "spec.yaml") == (2, FULL, "3 errors\nhint: cloud-nas explain CN202\n")


def test_all_mistakes_as_json(broken: Path, screen: Callable[..., Any]) -> None:
    status, out, err = screen("check", "spec.yaml", "--format", "json")
    found = json.loads(out)
    assert (status, err) == (2, "")
    assert found["schema"] == "cloud-nas/check@1"
    assert [(one["code"], one["line"], one["column"]) for one in found["diagnostics"]] == [
        ("CN202", 5, 11),
        ("CN128", 8, 20),
        ("CN104", 9, 10),
    ]
    assert found["diagnostics"][0] == {
        "code": "CN202",
        "severity": "error",
        "file": "spec.yaml",
        "line": 5,
        "column": 11,
        "message": 'there is no column "kinds" in rows.csv',
        "hint": 'did you mean "kind"?',
    }


def test_all_mistakes_for_github(broken: Path, screen: Callable[..., Any]) -> None:
    status, out, err = screen("check", "spec.yaml", "--format", "github")
    assert (status, err) == (2, "")
    assert out.splitlines()[0] == (
        '::error file=spec.yaml,line=5,col=11,title=CN202::there is no column "kinds" in rows.csv%0Ahint: did you mean "kind"?'
    )
    assert len(out.splitlines()) == 3


def test_no_such_file(screen: Callable[..., Any]) -> None:
    status, out, err = screen("check", "nowhere.yaml")
    assert (status, out.splitlines()[0]) == (5, "nowhere.yaml:1:1: error CN101: there is no file nowhere.yaml")
    assert err == "1 error\nhint: cloud-nas explain CN101\n"


def test_every_value_with_where_it_comes_from(spec: Path, screen: Callable[..., Any]) -> None:
    status, out, _ = screen("check", "-v", "spec.yaml", "--no-build")
    rows = [line.split("\t") for line in out.splitlines()]
    assert (status, rows[0]) == (0, ["key", "value", "from"])
    assert ["train.epochs", "10", "default"] in rows
    assert ["budget.time", "1m30s", "spec"] in rows
    assert ["search.strategy", "random", "spec"] in rows
    assert ["data.id", "null", "default"] in rows


def test_a_profile_says_so(spec: Path, screen: Callable[..., Any]) -> None:
    status, out, err = screen("check", "spec.yaml", "--no-build", "--profile", "nobody")
    assert status == 2
    assert "nobody" in out and "1 error" in err


def test_run_prints_the_same_mistakes_on_stderr(broken: Path, screen: Callable[..., Any]) -> None:
    status, out, err = screen("run", "spec.yaml")
    assert (status, out) == (2, "")
    assert err == FULL + "\nerror: 3 errors\nhint: cloud-nas explain CN202\n"
    assert screen("run", "nowhere.yaml").status == 5


def test_explain(screen: Callable[..., Any]) -> None:
    status, out, err = screen("explain", "cn104")
    assert (status, err) == (0, "")
    assert out.startswith("CN104 (error): unknown key\n")
    status, out, err = screen("explain", "CN9999")
    assert (status, out) == (5, "")
    assert err.startswith("error: there is no code CN9999")


def test_schema(tmp_path: Path, screen: Callable[..., Any]) -> None:
    status, out, err = screen("schema")
    assert (status, err) == (0, "")
    assert re.match(r"https?://json-schema\.org", json.loads(out)["$schema"])
    assert screen("schema", "--out", "s.json") == (
        0,
        "",
        "hint: put this first in the spec: # yaml-language-server: $schema=s.json\n",
    )
    assert (tmp_path / "s.json").read_text() == out
    (tmp_path / "file").write_text("")
    assert screen("schema", "--out", "file/s.json").status == 9
