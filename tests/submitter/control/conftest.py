"""Runs without training, at work or not; and a search that is slow until a file says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.home import run_folder
from cloud_nas.runs import Identity, Registry, RunRow, writing

SLOWLY = """
import pathlib
import time

import keras


class Slowly(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if not pathlib.Path(__file__).with_name("go").exists():
            time.sleep(0.3)
"""


@pytest.fixture
def make_run(home: Path) -> Callable[..., RunRow]:
    """Writes the row of a run and makes its folder."""

    def make(run_id: str = "r-aaaaa", state: str = "running", **values: Any) -> RunRow:
        run_folder(run_id).mkdir(parents=True)
        row = RunRow(run_id, "digits", "local", state, "spec", Identity(run_id, "c", "d", "local"), **values)  # type: ignore[arg-type]
        with Registry() as registry:
            return registry.create(row)

    return make


@pytest.fixture
def set_row() -> Callable[..., None]:
    """Changes the row of a run."""

    def change(run_id: str, **values: Any) -> None:
        with Registry() as registry:
            registry.update(dataclasses.replace(registry.get(run_id), **values))

    return change


@pytest.fixture
def working(make_run: Callable[..., RunRow], set_row: Callable[..., None]) -> Iterator[Callable[..., None]]:
    """A run, r-aaaaa, that this process works at; called with the values of its last row, it ends as runs do."""
    make_run()
    with ExitStack() as held:
        held.enter_context(writing(run_folder("r-aaaaa")))

        def end(state: str) -> None:
            set_row("r-aaaaa", state=state)
            held.close()

        yield end


@pytest.fixture
def slow_spec(make_spec: Callable[..., Path]) -> Path:
    """A search of two trials; an epoch takes a third of a second until there is a file `go` beside it."""
    spec = make_spec(train="{epochs: 12, batch_size: 256, callbacks: ['callbacks.py:Slowly']}", final="{fit: keep}")
    (spec.parent / "callbacks.py").write_text(SLOWLY)
    return spec
