"""A tuning job's trial: what the service sends in, AWS's own toolkit around it, the artifact that training at home gives out."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.containers import sagemaker
from local_engine.containers.base import Base
from local_engine.containers.trial import trial_seed
from local_engine.definition import Callback, Data, Train
from local_engine.errors import EngineError
from local_engine.files import read_json_lines

from .artifact import assert_whole, weights
from .container import JOB, MODEL, SLOW, TRAIN, Package, script, toolkit, unpacked, wait_for

LINE = re.compile(r"cloud_nas_metric val_accuracy=([-+0-9.eE]+)")
SENT = {"hidden": "true", "units": "16.0", "act": '"tanh"', "rate": "0.01"}
PARAMS = {"hidden": True, "units": 16, "act": "tanh", "rate": 0.01}
ABSENT = ("optuna", "sqlalchemy", "pydantic", "cloud_nas", "skops", "click", "boto3", "ruamel")


def epochs_of(folder: Path) -> list[Any]:
    return read_json_lines(folder / "curve.jsonl")


def at_home(package: Package, folder: Path, epochs: int) -> Any:
    """The same candidate trained without any container."""
    from local_engine.space.builder import builder_of
    from local_engine.training import SilentObserver, TrialBudget, train

    return train(
        package.definition,
        PARAMS,
        package.home,
        TrialBudget(epochs),
        SilentObserver(),
        folder=folder,
        builder=builder_of(package.definition, package.home),
        seed=trial_seed(5, PARAMS),
    )


def test_the_toolkit_trains_what_training_at_home_gives(digits: Data, tmp_path: Path) -> None:
    blocked = f"import sys\nfor name in {ABSENT!r}:\n    sys.modules[name] = None\n"  # the image has none of them
    package = Package.make(tmp_path / "package", digits, script=blocked + TRAIN)
    base = package.lay_out(tmp_path / "base", SENT)
    job = toolkit(base)
    said, _ = job.communicate(timeout=120)
    assert job.returncode == 0, said
    manifest = assert_whole(base / "model")
    artifact = at_home(package, tmp_path / "home", 3)
    for mine, theirs in zip(weights(artifact.folder), weights(base / "model"), strict=True):
        assert np.array_equal(mine, theirs)
    home = json.loads((artifact.folder / "manifest.json").read_text())
    for key in (
        "params",
        "seed",
        "epochs",
        "best_epoch",
        "value",
        "data",
        "held_out",
        "inputs",
        "classes",
        "code_sha256",
        "builder",
    ):
        assert manifest[key] == home[key], key
    measured = json.loads((base / "model" / "metrics.json").read_text())
    assert measured == json.loads((artifact.folder / "metrics.json").read_text())
    best_so_far = np.maximum.accumulate([row["val_accuracy"] for row in measured["epochs"]])
    assert [float(one) for one in LINE.findall(said)] == best_so_far.tolist()
    assert not (base / "output" / "failure").exists()
    left = {path.name for path in (base / "checkpoints" / JOB).iterdir()}
    assert left == {"curve.jsonl", "worked.json"}, "what later trials would be given is small"


def test_an_interrupted_trial_goes_on_and_tells_each_epoch_once(
    digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    training = Train(epochs=4, batch_size=64, callbacks=(Callback("model.py:Dies"),))
    package = Package.make(tmp_path / "package", digits, train=training, model=SLOW)
    base = package.lay_out(tmp_path / "base", SENT)
    (unpacked(base) / "epochs-to-live").write_text("2")
    monkeypatch.chdir(base)
    at = Base(base, JOB, base / "code")
    with pytest.raises(KeyboardInterrupt):
        sagemaker.work(at)
    assert assert_whole(base / "model")["epochs"] in (1, 2), "an artifact after the first epoch"
    shutil.rmtree(base / "model")
    sagemaker.work(at)
    assert_whole(base / "model")
    assert len(LINE.findall(capsys.readouterr().out)) == 4
    monkeypatch.chdir(tmp_path)
    for mine, theirs in zip(weights(at_home(package, tmp_path / "home", 4).folder), weights(base / "model"), strict=True):
        assert np.array_equal(mine, theirs)


@pytest.mark.slow
def test_a_killed_trial_has_left_a_model_and_goes_on(digits: Data, tmp_path: Path) -> None:
    package = Package.make(
        tmp_path / "package", digits, train=Train(epochs=6, batch_size=32, callbacks=(Callback("model.py:Slow"),)), model=SLOW
    )
    base = package.lay_out(tmp_path / "base", SENT)
    checkpoints = base / "checkpoints" / JOB
    job = script(base)
    wait_for(lambda: len(epochs_of(checkpoints)) >= 3, job)
    job.send_signal(signal.SIGKILL)
    said = job.communicate()[0]
    before = assert_whole(base / "model")
    assert before["value"] == max(row["value"] for row in epochs_of(checkpoints)[: before["epochs"]])
    shutil.rmtree(base / "model")  # a container that is started again has only the checkpoints
    (base / "model").mkdir()
    again = script(base)
    said += again.communicate(timeout=120)[0]
    assert again.returncode == 0, said
    assert_whole(base / "model")
    for mine, theirs in zip(weights(at_home(package, tmp_path / "home", 6).folder), weights(base / "model"), strict=True):
        assert np.array_equal(mine, theirs)
    assert len(LINE.findall(said)) == 6, "a line an epoch, however often it was trained"


@pytest.mark.slow
def test_a_trial_ends_itself_before_the_service_would(digits: Data, tmp_path: Path) -> None:
    package = Package.make(tmp_path / "package", digits, train=Train(epochs=100_000, batch_size=32), max_runtime=40)
    base = package.lay_out(tmp_path / "base", SENT)
    (base / "checkpoints" / JOB).mkdir()
    (base / "checkpoints" / JOB / "worked.json").write_text('{"seconds": 24.0}')  # of 30, by an instance that was taken
    began = time.monotonic()
    job = script(base)
    said, _ = job.communicate(timeout=60)
    assert job.returncode == 0, said
    assert time.monotonic() - began < 40 - 24 + 10
    manifest = assert_whole(base / "model")
    assert 1 <= manifest["epochs"] < 100_000
    assert "the job's time is nearly over" in said


def test_a_failed_job_says_why_in_one_line(digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package.make(tmp_path / "package", digits)
    base = package.lay_out(tmp_path / "base", SENT)
    unpacked(base)
    monkeypatch.chdir(base)
    at = Base(base, JOB, base / "code")

    def why() -> str:
        with pytest.raises(EngineError) as caught:
            sagemaker.work(at)
        return sagemaker.reason_of(caught.value)

    (base / "code" / "user" / "model.py").write_text(MODEL.replace("Flatten", "Flatter"))
    assert why().startswith("cloud-nas: AttributeError: module 'keras.layers' has no attribute 'Flatter'")
    assert "user/model.py:6" in why()
    (base / "input" / "config" / "hyperparameters.json").write_text("{}")
    assert "the tuner sent no value for 'hidden'" in why()
    rows = base / "input" / "data" / "rows"
    (rows / "rows.npy").write_bytes(b"")
    (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(SENT))
    assert "not whole" in why()
    (base / "code" / "job.json").write_text('{"schema": 2}')
    assert "schema 2" in why()
    long = EngineError("x" * 5000, hint="line\nbreak")
    assert len(sagemaker.reason_of(long)) < 1024 and "\n" not in sagemaker.reason_of(long)
