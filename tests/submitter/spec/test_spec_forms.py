"""How mistakes are shown: to a person, as JSON, as GitHub annotations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cloud_nas import spec
from cloud_nas.spec import diagnostics

TEXT = """\
task: tabular-clasification
data: {source: builtin:digits}
space: {model: model.py:build}
train:
  epochs: "10"
  epoch: 3
"""
FULL = """\
spec.yaml:1:7: error CN110: task cannot be "tabular-clasification"
    1 | task: tabular-clasification
      |       ^^^^^^^^^^^^^^^^^^^^^
  hint: did you mean "tabular-classification"?

spec.yaml:5:11: error CN108: epochs is a whole number, not "10"
    5 |   epochs: "10"
      |           ^^^^
  hint: leave the quotes out

spec.yaml:6:3: error CN104: unknown key "epoch" in train
    6 |   epoch: 3
      |   ^^^^^
  hint: did you mean "epochs"?"""
GITHUB = """\
::error file=spec.yaml,line=1,col=7,title=CN110::task cannot be "tabular-clasification"%0A\
hint: did you mean "tabular-classification"?
::error file=spec.yaml,line=5,col=11,title=CN108::epochs is a whole number, not "10"%0Ahint: leave the quotes out
::error file=spec.yaml,line=6,col=3,title=CN104::unknown key "epoch" in train%0Ahint: did you mean "epochs"?"""


@pytest.fixture
def found(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[spec.Diagnostic]:
    (project / "spec.yaml").write_text(TEXT)
    monkeypatch.chdir(project)
    return spec.read("spec.yaml")[1]


def test_for_a_person(found: list[spec.Diagnostic]) -> None:
    assert diagnostics.render(found) == FULL


def test_for_github(found: list[spec.Diagnostic]) -> None:
    assert diagnostics.to_github(found) == GITHUB


def test_for_programs(found: list[spec.Diagnostic]) -> None:
    shown = json.loads(json.dumps(diagnostics.to_json(found)))
    assert shown["schema"] == "cloud-nas/check@1"
    assert shown["diagnostics"][0] == {
        "code": "CN110",
        "severity": "error",
        "file": "spec.yaml",
        "line": 1,
        "column": 7,
        "message": 'task cannot be "tabular-clasification"',
        "hint": 'did you mean "tabular-classification"?',
    }


def test_github_properties_are_escaped() -> None:
    one = spec.Diagnostic("CN104", "warning", "a,b:c%.yaml", 1, 2, "50%\r\nmore")
    assert diagnostics.to_github([one]) == "::warning file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=CN104::50%25%0D%0Amore"


def test_the_caret_stands_under_wide_characters_and_on_long_lines() -> None:
    wide = spec.Diagnostic("CN104", "error", "s", 1, 4, "m", None, "数据: x", 1)
    assert diagnostics.render([wide]).splitlines()[1:] == ["    1 | 数据: x", "      |      ^"]
    long = spec.Diagnostic("CN104", "error", "s", 1, 501, "m", None, "a" * 500 + "b" + "c" * 500, 1)
    source, caret = diagnostics.render([long]).splitlines()[1:]
    assert len(source) < 140
    assert source[caret.index("^")] == "b"


def test_no_control_character_reaches_the_terminal() -> None:
    one = spec.Diagnostic("CN104", "error", "s\x1b[2J", 1, 1, "unknown key \x1b]0;x\x07", "\x9b1m", "\x1b[31mred\u202e")
    assert not any(char != "\n" and not char.isprintable() for char in diagnostics.render([one]))


def test_a_secret_is_never_repeated(project: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    path = project / "spec.yaml"
    path.write_text(
        f"task: image-classification\ndata: {{source: {secret}}}\nspace: {{model: '{secret}.py:build', colour: {secret}}}\n"
    )
    found = spec.read(path)[1]
    assert {one.code for one in found} == {"CN104", "CN115", "CN201", "CN220"}
    for form in (diagnostics.render, diagnostics.to_github, diagnostics.to_json):
        assert secret not in str(form(found))
