"""Runs without training: a row and a folder with the files that a search leaves."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloud_nas.home import run_folder
from cloud_nas.runs import Identity, Registry, RunRow
from cloud_nas.states import Best, RunState

FILES = {
    "spec.yaml": 300,
    "definition.json": 1200,
    "spent.json": 20,
    "study.sqlite3": 9000,
    "study.sqlite3-wal": 400,
    "events.jsonl": 700,
    "output.txt": 50,
    "writer.lock": 80,
    "workers.lock": 0,
    "model/manifest.json": 900,
    "model/model.keras": 5000,
    "model/predictions.parquet": 800,
    "model/code/layers/scale.py": 60,
    "trials/0/curve.jsonl": 90,
    "trials/0/metrics.json": 200,
    "trials/0/log.txt": 30,
    "trials/1/curve.jsonl": 90,
    "trials/1/metrics.json": 200,
    "trials/1/manifest.json": 900,
    "trials/1/model.keras": 5000,
    "trials/1/checkpoint.npz": 8000,
    "trials/1/.model.keras.x1y2.tmp": 10,
}
"""A run's files, and their sizes."""

LEAN = {
    "spec.yaml", "definition.json", "spent.json", "study.sqlite3", "study.sqlite3-wal", "events.jsonl", "writer.lock",
    "workers.lock", "model/manifest.json", "model/model.keras", "model/predictions.parquet", "model/code/layers/scale.py",
    "trials/0/curve.jsonl", "trials/0/metrics.json", "trials/1/curve.jsonl", "trials/1/metrics.json",
}  # fmt: skip
"""Those that stay when only the best is kept."""

MakeRun = Callable[..., Path]


def names(folder: Path) -> set[str]:
    """The files of a folder, links too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What a disk that fills up does to a writer, as far as a test may: no file grows beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def make_run(home: Path) -> MakeRun:
    """Makes a run in this state; None: a folder that the registry does not know."""

    def make(run_id: str, state: RunState | None = "succeeded", *, without: str = "nothing") -> Path:
        folder = run_folder(run_id)
        for name, size in FILES.items():
            if not name.startswith(without):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(b"x" * size)
        if state is not None:
            identity = Identity(run_id, "code", "data", "local")
            row = RunRow(run_id, f"name of {run_id}", "local", state, "sha", identity, best=Best(1, 0.5))
            with Registry() as registry:
                registry.create(row)
        return folder

    return make
