"""The whole search in one job: the same trials as at home, its copies fresh, and going on after a kill."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from local_engine.containers import engine
from local_engine.containers.base import Base, Order
from local_engine.definition import Budget, Callback, Data, Search, Train

from .artifact import assert_whole, weights
from .container import SLOW, Package, script, unpacked, wait_for

FAST = SLOW.replace("run_eagerly=False", "run_eagerly=True")
TRAINING = Train(epochs=2, batch_size=64, callbacks=(Callback("model.py:Slow"),))
SEARCH: dict[str, Any] = {"search": Search("random", seed=5), "budget": Budget(trials=6), "train": TRAINING}


def trials_of(folder: Path) -> list[Any]:
    from local_engine.study import Study

    with Study.open(folder / "study.sqlite3") as study:
        return [(one.number, one.state, one.value, dict(one.params), one.epochs) for one in study.trials]


def test_an_interrupted_search_goes_on_and_finds_what_it_would_have_found(
    digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from local_engine.search import search

    training = Train(epochs=1, batch_size=64, callbacks=(Callback("model.py:Dies"),))
    package = Package.make(
        tmp_path / "package", digits, kind="engine", model=FAST, **{**SEARCH, "train": training, "budget": Budget(trials=3)}
    )
    base = package.lay_out(tmp_path / "base", {})
    (unpacked(base) / "epochs-to-live").write_text("2")
    monkeypatch.chdir(base / "code")
    at, kept = Base(base, "job", base / "code"), base / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        engine.run(at, Order.of(at.code), parallel=0)
    assert json.loads((kept / "progress.json").read_text())["trials"][0]["state"] == "done"
    for name in (".run", "model", "output"):
        shutil.rmtree(base / name)
    for artifact in (kept / "trials").glob("*/model.keras"):
        artifact.write_bytes(b"torn")  # copied to S3 after the study that does not know of it yet
    engine.run(at, Order.of(at.code), parallel=0)
    monkeypatch.chdir(tmp_path)
    home = search(package.definition, folder=tmp_path / "home", data=package.home)
    assert trials_of(base / "output" / "data") == trials_of(tmp_path / "home")
    assert home.model is not None and assert_whole(base / "model")["fit"] == "train+validation"
    for mine, theirs in zip(weights(home.model), weights(base / "model"), strict=True):
        assert (mine == theirs).all()


@pytest.mark.slow
def test_a_killed_search_goes_on_and_finds_what_it_would_have_found(digits: Data, tmp_path: Path) -> None:
    from local_engine.search import search

    package = Package.make(tmp_path / "package", digits, kind="engine", model=FAST, **SEARCH)
    base = package.lay_out(tmp_path / "base", {})
    kept = base / "checkpoints"

    def done() -> int:
        return sum(row["state"] == "done" for row in json.loads((kept / "progress.json").read_text())["trials"])

    job = script(base)
    wait_for(lambda: (kept / "progress.json").exists() and done() >= 1, job)
    job.send_signal(signal.SIGKILL)
    job.communicate()
    assert 1 <= done() < 6
    first = assert_whole(base / "model")
    assert first["fit"] == "train", "the best trial so far, since the search had not ended"
    for name in (".run", "model", "output"):  # a container that is started again has only the checkpoints
        shutil.rmtree(base / name)
    again = script(base)
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0, said
    home = search(package.definition, folder=tmp_path / "home", data=package.home)
    assert trials_of(base / "output" / "data") == trials_of(tmp_path / "home")
    assert assert_whole(base / "model")["fit"] == "train+validation"
    assert home.model is not None
    for mine, theirs in zip(weights(home.model), weights(base / "model"), strict=True):
        assert (mine == theirs).all()
    told = json.loads((kept / "progress.json").read_text())
    assert told["counts"] == {"done": 6, "failed": 0, "pruned": 0, "total": 6}
    assert (told["best"]["trial"], told["reason"]) == (home.best.number, "complete")  # type: ignore[union-attr]
    assert {path.name for path in (base / "output" / "data" / "trials" / "5").iterdir()} == {"curve.jsonl", "metrics.json"}
