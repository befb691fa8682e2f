"""Our package in an environment like the public image's: TensorFlow 2.21, an older Keras, and the wheels of the lock."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

import local_engine
from cloud_nas.package import wheels
from cloud_nas.package.code import Cargo, pack
from cloud_nas.package.user_files import collect
from local_engine.data import bundle, load
from local_engine.definition import Budget, Code, Data, Definition, ModelSpace, Objective, Search, Train

KERAS = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 8), "relu"), keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

ESTIMATOR = """
from sklearn.ensemble import RandomForestClassifier


def build(hp):
    return RandomForestClassifier(n_estimators=hp.Int("units", 4, 8), random_state=1)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with TensorFlow, and nothing that it does not itself ask for."""
    folder = tmp_path_factory.mktemp("image")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    version = wheels.lock("vertex")["image"]["version"]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"tensorflow=={version}", "keras~=3.12.0"], check=True)
    return python


def table(folder: Path) -> Path:
    """Rows with a gap, a category and a date."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=90),
            "city": rng.choice(["Oslo", "Roma"], 90).astype(object),
            "since": pd.date_range("2020-01-01", periods=90, freq="9D").strftime("%Y-%m-%d").to_numpy(object),
            "y": np.array(["a", "b", "c"], object)[np.arange(90) % 3],
        }
    )
    frame.loc[frame.index[3::17], "size"] = None
    frame.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def sent(folder: Path, kind: Any, model: str) -> tuple[Path, dict[str, str]]:
    """A bucket's folder with a job's parcels as a plan puts them there, and the variables that name them."""
    from local_engine.space.builder import builder_of
    from local_engine.space.discovery import discover

    home = folder / "project"
    home.mkdir()
    (home / "model.py").write_text(model)
    definition = Definition(
        "image",
        "tabular-classification",
        Data(str(table(home)), "y"),
        Objective("accuracy", "maximize"),
        ModelSpace(str(home / "model.py"), "build"),
        Search("random", 7),
        Train(2),
        budget=Budget(trials=2),
        code=Code(str(home)),
    )
    data = load(definition.data, definition.task)
    files = collect([(home / "model.py", None)], [home])
    space = discover(builder_of(definition, data)) if kind == "trial" else None
    parcel = pack(Cargo(kind, definition, files, data.fingerprint, 600.0, space, container="vertex"))
    bucket = folder / "gcs" / "b"
    bundle.write(data, bucket / "rows")
    wheels.bring(parcel.files, folder / "here")
    for one in parcel.files:
        at = f"wheels/{one.sha256}/{one.path.rpartition('/')[2]}" if one.wheel else f"code/{one.path}"
        (bucket / at).parent.mkdir(parents=True, exist_ok=True)
        (bucket / at).write_bytes(((folder / "here" if one.wheel else parcel.folder) / one.path).read_bytes())
    names = {"CODE": "code", "ROWS": "rows", "WHEELS": "wheels", **({"STUDY": "study"} if kind == "engine" else {})}
    archive = next(one for one in parcel.files if not one.wheel)
    return bucket, {
        **{f"CLOUD_NAS_{name}": f"gs://b/{at}/" for name, at in names.items()},
        "CLOUD_NAS_CODE_SHA256": archive.sha256,
        "CLOUD_NAS_GCS_ROOT": str(bucket.parent),
        "AIP_MODEL_DIR": "gs://b/own/model/",
        "AIP_CHECKPOINT_DIR": "gs://b/own/checkpoints/",
        "CLOUD_ML_HP_METRIC_FILE": str(folder / "metrics"),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "CUDA_VISIBLE_DEVICES": "-1",
    }


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "model"), [("trial", KERAS), ("engine", ESTIMATOR)])
def test_what_the_image_lacks_comes_along_and_what_it_makes_loads_here(
    kind: Any, model: str, image: Path, tmp_path: Path
) -> None:
    from importlib.metadata import version

    from local_engine.training import load_model
    from local_engine.training import manifest as manifests

    bucket, variables = sent(tmp_path, kind, model)
    program = (Path(str(local_engine.__file__)).parent / "containers" / "bootstrap.py").read_text()
    arguments = ["--units=5.0"] if kind == "trial" else []
    done = subprocess.run(
        [str(image), "-c", program, *arguments],
        env={**variables, "PATH": f"{image.parent}{os.pathsep}{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    added = next(line for line in done.stdout.splitlines() if line.startswith("cloud-nas: added to the image's packages: "))
    assert f"keras {version('keras')}" in added and "pandas " in added and "numpy " not in added, "NumPy is the image's own"
    assert ("scikit_learn " in added, "optuna " in added) == (kind == "engine", kind == "engine")
    with tarfile.open(bucket / "own" / "model" / "model.tar.gz") as archive:
        archive.extractall(tmp_path / "brought", filter="data")
    assert manifests.read(tmp_path / "brought")["packages"]["keras"] == version("keras")
    load_model(tmp_path / "brought", trust=True)


@pytest.mark.slow
def test_the_locks_packages_go_together_with_tensorflow(tmp_path: Path) -> None:
    lock = wheels.lock("vertex")
    names = {name: wheel["version"] for name, wheel in lock["wheels"].items()}
    pins = [f"{name}=={version}" for name, version in {**names, "tensorflow": lock["image"]["version"]}.items()]
    options = [f"--platform=manylinux_2_{minor}_x86_64" for minor in range(35, 16, -1)]  # those of pip in the image
    options += ["--platform=manylinux2014_x86_64", f"--python-version={lock['image']['python']}"]
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--only-binary=:all:"]
    done = subprocess.run(
        [*pip, *options, "--target", str(tmp_path), *pins], capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_images_own_lock_has_the_versions_that_travel() -> None:
    folder = Path(__file__).resolve().parents[3] / "templates" / "container"
    lock = wheels.lock("vertex")
    pinned = [line.partition(" ")[0] for line in (folder / "requirements.txt").read_text().splitlines() if "==" in line]
    wanted = {f"{name}=={wheel['version']}" for name, wheel in lock["wheels"].items()}
    assert wanted <= set(pinned) and f"tensorflow=={lock['image']['version']}" in pinned
    assert any(one.startswith("nvidia-cudnn-cu12==") for one in pinned)
    text = (folder / "requirements.txt").read_text()
    assert all(wheel["sha256"] in text for wheel in lock["wheels"].values())
    assert hashlib.sha256(b"").hexdigest() not in text and "http" not in text
