"""Shell completion: commands, options, runs and files, by click's own scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cloud_nas.cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"tensorflow", "keras", "optuna", "pandas", "numpy", "rich", "pydantic", "ruamel", "cloud_nas.cli.check"}


def offered(*words: str) -> list[str]:
    """What is offered for the last word, as `kind,value`; files as one item, which the shell itself completes."""
    line = {"COMP_WORDS": " ".join(["cloud-nas", *words]), "COMP_CWORD": str(len(words)), "_CLOUD_NAS_COMPLETE": "bash_complete"}
    return CliRunner().invoke(main, [], prog_name="cloud-nas", env=line).stdout.splitlines()


def test_commands_and_options_are_completed() -> None:
    assert offered("") == [f"plain,{name}" for name in COMMANDS]
    assert offered("cl") == ["plain,clean"]
    assert offered("clean", "--ke") == ["plain,--keep-best"]
    assert offered("--verb") == ["plain,--verbose"]
    assert offered("completion", "") == ["plain,bash", "plain,zsh", "plain,fish"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_offers_something_for_its_options(name: str) -> None:
    assert "plain,--help" in offered(name, "-")


def test_runs_are_completed_the_newest_first(make_run: Any) -> None:
    make_run("r-aaaaa")
    make_run("r-abbbb", "failed")
    assert offered("show", "") == ["plain,r-abbbb", "plain,r-aaaaa"]
    assert offered("show", "r-ab") == ["plain,r-abbbb"]
    assert offered("clean", "r-abbbb", "") == ["plain,r-aaaaa"]
    assert offered("fetch", "r-aaaaa/") == ["plain,r-aaaaa/0", "plain,r-aaaaa/1"]
    assert offered("verify", "r-aa") == ["plain,r-aaaaa"]


def test_where_a_file_is_asked_for_the_shell_completes_files(make_run: Any) -> None:
    make_run("r-aaaaa")
    assert offered("check", "spec") == ["file,spec"]
    assert offered("evaluate", "./mod") == ["file,./mod"]
    assert offered("evaluate", "r-aaaaa", "rows") == ["file,rows"]
    assert offered("fetch", "r-aaaaa", "--to", "x") == ["file,x"]


def test_without_runs_or_with_a_registry_that_cannot_be_read_nothing_is_offered(home: Path) -> None:
    assert offered("show", "") == [""] and list(home.iterdir()) == []
    (home / "registry.sqlite3").write_bytes(b"damaged" * 100)
    assert offered("show", "") == [""]
    assert offered("no-such-command", "") == [f"plain,{name}" for name in COMMANDS]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_get_their_script_and_their_answers(make_run: Any, screen: Any, shell: str) -> None:
    make_run("r-aaaaa")
    status, script, err = screen("completion", shell)
    assert (status, err) == (0, "") and f"_CLOUD_NAS_COMPLETE={shell}_complete" in script
    line = {
        "COMP_WORDS": "cloud-nas show ",
        "COMP_CWORD": "2" if shell == "zsh" else "",
        "_CLOUD_NAS_COMPLETE": f"{shell}_complete",
    }
    said = CliRunner().invoke(main, [], prog_name="cloud-nas", env=line).stdout
    assert "r-aaaaa" in said and "name of r-aaaaa, succeeded" in said


BASH = """
eval "$(cloud-nas completion bash)"
complete -p cloud-nas
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _cloud_nas_completion cloud-nas; echo "${COMPREPLY[@]}"; }
try cloud-nas fe
try cloud-nas show r-
"""


def test_bash_itself_completes(make_run: Any, tmp_path: Path) -> None:
    make_run("r-aaaaa")
    program = tmp_path / "cloud-nas"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cloud_nas "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "--norc", "-c", f'PATH="{tmp_path}:$PATH"\n{BASH}'], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _cloud_nas_completion cloud-nas",
        "fetch",
        "r-aaaaa",
    ]


def test_completing_imports_nothing_heavy(make_run: Any) -> None:
    make_run("r-aaaaa")
    code = (
        "import sys, os, atexit\n"
        f"atexit.register(lambda: print(*sorted(set(sys.modules) & {HEAVY!r}), file=sys.stderr))\n"
        "from cloud_nas.cli.main import main\nmain()"
    )
    line = {"COMP_WORDS": "cloud-nas show r-", "COMP_CWORD": "2", "_CLOUD_NAS_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **line}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("plain,r-aaaaa\n", "\n")
