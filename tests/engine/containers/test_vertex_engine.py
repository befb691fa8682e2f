"""The whole search in one job on Vertex AI: its study in the bucket, going on from there, its results as objects."""

from __future__ import annotations

import json
import signal
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_engine.containers import engine
from local_engine.containers.base import Base, Order
from local_engine.containers.gcs import Storage
from local_engine.containers.vertex_places import Places
from local_engine.containers.vertex_platform import Vertex
from local_engine.definition import Budget, Callback, Data, Train

from .artifact import assert_whole
from .container import Package, wait_for
from .test_engine import FAST, SEARCH, trials_of
from .test_vertex_trial import assert_same, model_of
from .vertex_container import STUDY, TRAIN, environment, send, start


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Takes the handler away that a container sets."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def unpacked(package: Package, root: Path) -> Base:
    """A start's own folder, with the package in it."""
    with tarfile.open(package.folder / "code" / "sourcedir.tar.gz") as archive:
        archive.extractall(root / "code", filter="data")
    base = Base(root, "job", root / "code")
    base.rows.parent.mkdir(parents=True)
    base.rows.symlink_to(package.folder / "rows")
    return base


def test_a_search_goes_on_from_the_bucket_and_is_done_once(digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from local_engine.search import search

    training = Train(epochs=1, batch_size=64, callbacks=(Callback("model.py:Dies"),))
    changes: dict[str, Any] = {**SEARCH, "train": training, "budget": Budget(trials=3)}
    package = Package.make(tmp_path / "package", digits, kind="engine", model=FAST, script=TRAIN, **changes)
    bucket = send(package, tmp_path / "gcs")
    own, study = bucket / "runs/r-test1/1", bucket / STUDY
    for name, value in environment(package, tmp_path / "home-of-it", CLOUD_NAS_GCS_ROOT=str(tmp_path / "gcs")).items():
        monkeypatch.setenv(name, value)
    first = unpacked(package, tmp_path / "first")
    (first.code / "epochs-to-live").write_text("2")
    monkeypatch.chdir(first.code)
    platform = Vertex(first, Places.here(), {}, Storage())
    assert not platform.bring_back()
    with pytest.raises(KeyboardInterrupt):
        engine.run(first, Order.of(first.code), platform, parallel=0)
    assert json.loads((study / "progress.json").read_text())["trials"][0]["state"] == "done"
    assert assert_whole(model_of(own, tmp_path / "brought"))["fit"] == "train", "the best trial so far"
    second = unpacked(package, tmp_path / "second")
    monkeypatch.chdir(second.code)
    platform = Vertex(second, Places.here(), {}, Storage())
    assert not platform.bring_back()
    engine.run(second, Order.of(second.code), platform, parallel=0)
    platform.finish()
    monkeypatch.chdir(tmp_path)
    home = search(package.definition, folder=tmp_path / "home", data=package.home)
    with tarfile.open(own / "model" / "output.tar.gz") as archive:
        archive.extractall(tmp_path / "output", filter="data")
    assert trials_of(tmp_path / "output") == trials_of(tmp_path / "home") == trials_of(study)
    brought = model_of(own, tmp_path / "brought")
    assert home.model is not None and assert_whole(brought)["fit"] == "train+validation"
    assert_same(home.model, brought)
    kept = {path.relative_to(study).as_posix() for path in study.rglob("*") if path.is_file()}
    assert {"study.sqlite3", "progress.json", "spent.json"} <= kept and "worked.json" not in kept
    assert Vertex(unpacked(package, tmp_path / "third"), Places.here(), {}, Storage()).bring_back(), "it is done"


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143)])
def test_a_search_that_is_ended_by_a_signal_goes_on(digits: Data, tmp_path: Path, sent: signal.Signals, status: int) -> None:
    from local_engine.search import search

    package = Package.make(tmp_path / "package", digits, kind="engine", model=FAST, script=TRAIN, **SEARCH)
    bucket = send(package, tmp_path / "gcs")
    own, progress = bucket / "runs/r-test1/1", bucket / STUDY / "progress.json"
    root = {"CLOUD_NAS_GCS_ROOT": str(tmp_path / "gcs")}
    job = start(tmp_path / "first", environment(package, tmp_path / "first", **root))

    def done() -> int:
        return sum(row["state"] == "done" for row in json.loads(progress.read_text())["trials"])

    wait_for(lambda: progress.exists() and done() >= 1, job)
    job.send_signal(sent)
    said, _ = job.communicate(timeout=60)
    assert job.returncode == status, said
    assert 1 <= done() < 6
    assert (own / "model" / "model.tar.gz").exists()
    job = start(tmp_path / "second", environment(package, tmp_path / "second", **root))
    said, _ = job.communicate(timeout=120)
    assert job.returncode == 0, said
    home = search(package.definition, folder=tmp_path / "home", data=package.home)
    assert trials_of(bucket / STUDY) == trials_of(tmp_path / "home")
    assert home.model is not None
    assert_same(home.model, model_of(own, tmp_path / "brought"))
