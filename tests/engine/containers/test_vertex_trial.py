"""A tuning job's trial on Vertex AI, from the bootstrap to the artifact: what training at home gives, whatever interrupts it."""

from __future__ import annotations

import json
import shutil
import signal
import tarfile
from pathlib import Path

import numpy as np
import pytest

from local_engine.definition import Callback, Data, Train
from local_engine.files import read_json_lines

from .artifact import assert_whole, weights
from .cloud_storage import serving
from .container import SLOW, Package, wait_for
from .test_trial import ABSENT, at_home
from .vertex_container import TRAIN, environment, send, start

SENT = ("--hidden=true", "--units=16.0", "--act", "tanh", "--rate", "0.01", "--other=1")


def model_of(own: Path, folder: Path) -> Path:
    """The artifact that a job sent, unpacked."""
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(own / "model" / "model.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def measurements(home: Path) -> list[tuple[str, str]]:
    rows = read_json_lines(home / "output.metrics")
    return [(row["global_step"], row["val_accuracy"]) for row in rows]


def assert_same(first: Path, second: Path) -> None:
    for mine, theirs in zip(weights(first), weights(second), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_trial_is_what_training_at_home_gives_and_is_done_once(digits: Data, tmp_path: Path) -> None:
    blocked = f"import sys\nfor name in {ABSENT!r}:\n    sys.modules[name] = None\n"  # the image has none of them
    package = Package.make(tmp_path / "package", digits, script=blocked + TRAIN)
    own = send(package, tmp_path / "gcs") / "runs/r-test1/1/2"
    variables = environment(package, tmp_path / "first", trial=2, CLOUD_NAS_GCS_ROOT=str(tmp_path / "gcs"))
    job = start(tmp_path / "first", variables, *SENT)
    said, _ = job.communicate(timeout=120)
    assert job.returncode == 0, said
    home = at_home(package, tmp_path / "home", 3)
    brought = model_of(own, tmp_path / "brought")
    manifest = assert_whole(brought)
    assert_same(home.folder, brought)
    assert manifest["params"] == {"hidden": True, "units": 16, "act": "tanh", "rate": 0.01}
    curve = json.loads((brought / "metrics.json").read_text())["epochs"]
    expected = [(str(number), str(row["val_accuracy"])) for number, row in enumerate(curve, 1)]
    assert measurements(tmp_path / "first") == expected
    sent = (own / "model" / "model.tar.gz").stat()
    again = environment(package, tmp_path / "second", trial=2, CLOUD_NAS_GCS_ROOT=str(tmp_path / "gcs"))
    job = start(tmp_path / "second", again, *SENT)
    said, _ = job.communicate(timeout=120)
    assert job.returncode == 0 and "an earlier start has done the job" in said
    assert (own / "model" / "model.tar.gz").stat() == sent, "what is final is not written again"
    assert measurements(tmp_path / "second") == expected, "another machine has no file, and the tuner needs one"


def test_a_killed_trial_goes_on_from_the_bucket_where_nothing_is_mounted(digits: Data, tmp_path: Path) -> None:
    training = Train(epochs=5, batch_size=64, callbacks=(Callback("model.py:Slow"),))
    package = Package.make(tmp_path / "package", digits, train=training, model=SLOW, script=TRAIN)
    own = "runs/r-test1/1/2/"
    with serving() as storage:
        storage.take(send(package, tmp_path / "gcs"))
        storage.failures += [503]
        variables = environment(package, tmp_path / "first", trial=2, **storage.variables)
        job = start(tmp_path / "first", variables, *SENT)
        wait_for(lambda: {f"{own}checkpoints/state.tar", f"{own}model/model.tar.gz"} <= set(storage.written), job)
        job.send_signal(signal.SIGKILL)
        job.communicate()
        first = assert_whole(model_of(storage.lay(tmp_path / "laid") / own, tmp_path / "brought"))
        assert 1 <= first["epochs"] < 5, "there is a model from the first epoch on"
        job = start(tmp_path / "second", environment(package, tmp_path / "second", trial=2, **storage.variables), *SENT)
        said, _ = job.communicate(timeout=120)
        assert job.returncode == 0, said
        brought = model_of(storage.lay(tmp_path / "laid") / own, tmp_path / "brought")
    assert assert_whole(brought)["epochs"] == 5
    assert_same(at_home(package, tmp_path / "home", 5).folder, brought)
    steps = [step for step, _ in measurements(tmp_path / "second")]
    assert steps == ["1", "2", "3", "4", "5"], "each epoch once, those before the kill as well"


@pytest.mark.slow
def test_a_trial_that_is_asked_to_end_is_saved_and_not_taken_for_done(digits: Data, tmp_path: Path) -> None:
    training = Train(epochs=6, batch_size=64, callbacks=(Callback("model.py:Slow"),))
    package = Package.make(tmp_path / "package", digits, train=training, model=SLOW, script=TRAIN)
    own = send(package, tmp_path / "gcs") / "runs/r-test1/1/2"
    root = {"CLOUD_NAS_GCS_ROOT": str(tmp_path / "gcs")}
    job = start(tmp_path / "first", environment(package, tmp_path / "first", trial=2, **root), *SENT)
    wait_for((own / "model" / "model.tar.gz").exists, job)
    job.send_signal(signal.SIGTERM)
    said, _ = job.communicate(timeout=60)
    assert job.returncode == 143, said
    assert 1 <= assert_whole(model_of(own, tmp_path / "brought"))["epochs"] < 6
    job = start(tmp_path / "second", environment(package, tmp_path / "second", trial=2, **root), *SENT)
    said, _ = job.communicate(timeout=120)
    assert job.returncode == 0, said
    assert_same(at_home(package, tmp_path / "home", 6).folder, model_of(own, tmp_path / "brought"))


def test_what_goes_wrong_is_left_in_one_line(digits: Data, tmp_path: Path) -> None:
    package = Package.make(tmp_path / "package", digits, script=TRAIN)
    bucket = send(package, tmp_path / "gcs")
    own = bucket / "runs/r-test1/1/2"

    def why(*arguments: str, **more: str) -> str:
        variables = environment(package, tmp_path / "home", trial=2, CLOUD_NAS_GCS_ROOT=str(tmp_path / "gcs"), **more)
        job = start(tmp_path / "home", variables, *arguments)
        said, _ = job.communicate(timeout=60)
        assert job.returncode == 1, said
        (line,) = (own / "failure.txt").read_text().splitlines()
        assert line in said
        return line

    assert why(CLOUD_NAS_CODE_SHA256="0" * 64).startswith("cloud-nas: gs://a-bucket/code/sourcedir.tar.gz is not what was sent")
    assert "the tuner sent no value for 'hidden'" in why("--units=16")
    assert "CLOUD_NAS_ROWS is ''" in why(CLOUD_NAS_ROWS="")
    (bucket / "code" / "sourcedir.tar.gz").unlink()
    assert "sourcedir.tar.gz" in why()
