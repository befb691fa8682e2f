"""How many workers train, and where: the flag, the environment, and what does not go together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._workers import workers

MakeSpec = Callable[..., Path]


@pytest.mark.parametrize(
    ("asked", "environment", "found"),
    [(None, "", None), (None, "3", 3), (2, "3", 2), (0, "3", 0), (None, "0", 0), (None, " 1 ", 1)],
)
def test_the_argument_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, asked: int | None, environment: str, found: int | None
) -> None:
    monkeypatch.setenv("CLOUD_NAS_PARALLEL", environment)
    assert workers(asked) == found


@pytest.mark.parametrize("environment", ["many", "-1", "1.5"])
def test_an_environment_that_is_no_number_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, make_spec: MakeSpec, screen: Any, environment: str
) -> None:
    monkeypatch.setenv("CLOUD_NAS_PARALLEL", environment)
    for command in ("run", "submit"):
        shown = screen(command, str(make_spec()))
        assert shown.status == 2 and "CLOUD_NAS_PARALLEL is not a number of workers" in shown.stderr


def test_a_function_from_a_notebook_trains_in_its_process(make_spec: MakeSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_PARALLEL", "2")
    assert workers(None, model=len) == workers(1, model=len) == 0
    with pytest.raises(cn.UsageError, match="trains in this process, not in workers"):
        cn.run(make_spec(), model=len, parallel=2)


def test_a_gpu_that_is_not_there_is_said_before_there_is_a_run(make_spec: MakeSpec, screen: Any) -> None:
    shown = screen("run", str(make_spec()), "--parallel", "1", "--gpus", "77")
    assert shown.status == 2 and "there is no GPU '77'" in shown.stderr
    assert cn.status() == []
