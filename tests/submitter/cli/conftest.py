"""`screen`: a command line run in this process, and what a user would see of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from cloud_nas.cli.main import main


class Screen(NamedTuple):
    status: int
    stdout: str
    stderr: str


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Screen]:
    """Runs `cloud-nas ARGUMENT...` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Screen:
        result = CliRunner().invoke(main, list(arguments), prog_name="cloud-nas")
        return Screen(result.exit_code, result.stdout, result.stderr)

    return run
