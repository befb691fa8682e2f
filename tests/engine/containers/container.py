"""A container's folders as the service lays them out, a package of ours in them, and AWS's own toolkit to start it."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import local_engine
from local_engine.data import bundle, load
from local_engine.definition import Callback, Code, Data, Definition, ModelSpace, Objective, Search, Train
from local_engine.space.builder import builder_of
from local_engine.space.discovery import discover

TRAIN = "from local_engine.containers.sagemaker import main\n\nmain()\n"
JOB = "r-test1-1-001-0123abcd"

MODEL = """
import keras


def build(hp):
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten()])
    if hp.Boolean("hidden", default=True):
        model.add(keras.layers.Dense(hp.Int("units", 4, 32, step=4), activation=hp.Choice("act", ["relu", "tanh"])))
    model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.Adam(hp.Float("rate", 1e-3, 1e-1, sampling="log"))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=False)
    return model
"""


SLOW = f"""
import pathlib
import time
{MODEL}

class Slow(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.3)


class Dies(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        left = pathlib.Path("epochs-to-live")
        if left.exists():
            left.write_text(str(int(left.read_text()) - 1))
            if left.read_text() == "-1":
                left.unlink()
                raise KeyboardInterrupt
"""
"""The same, with a callback that takes its time, and one that ends the process after so many epochs."""


@dataclass(frozen=True)
class Package:
    """A search whose code and rows are packed under `folder`."""

    folder: Path
    definition: Definition
    home: Any
    job: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def make(
        cls,
        folder: Path,
        data: Data,
        *,
        kind: str = "trial",
        model: str = MODEL,
        max_runtime: int = 600,
        script: str = TRAIN,
        task: Any = "image-classification",
        **changes: Any,
    ) -> Package:
        """Packs a search: `changes` are of its definition."""
        user = folder / "home"
        user.mkdir(parents=True)
        (user / "model.py").write_text(model)
        values: dict[str, Any] = {
            "objective": Objective("accuracy", "maximize"),
            "search": Search("random", seed=5),
            "train": Train(epochs=3, batch_size=32),
            **changes,
        }
        definition = Definition(
            name="test", task=task, data=data, space=ModelSpace(str(user / "model.py"), "build"), code=Code(str(user)), **values
        )
        home = load(definition.data, definition.task)
        bundle.write(home, folder / "rows")
        job = {"schema": 1, "kind": kind, "max_runtime": max_runtime, "fingerprint": home.fingerprint, "wheels": []}
        made = cls(folder, definition, home, job)
        made._write_code(discover(builder_of(definition, home)).to_json(), script)
        return made

    def _write_code(self, space: dict[str, Any], script: str) -> None:
        code = self.folder / "code"
        code.mkdir()
        train = self.definition.train
        portable = dataclasses.replace(
            self.definition,
            train=dataclasses.replace(train, callbacks=tuple(Callback(f"user/{one.name}") for one in train.callbacks)),
            data=dataclasses.replace(self.definition.data, source="digits.npz"),
            space=ModelSpace("user/model.py", "build"),
            code=Code("user"),
        )
        with tarfile.open(code / "sourcedir.tar.gz", "w:gz") as archive:
            for path in sorted(Path(local_engine.__file__).parent.rglob("*.py")):
                archive.add(path, f"local_engine/{path.relative_to(Path(local_engine.__file__).parent)}")
            archive.add(self.folder / "home" / "model.py", "user/model.py")
            named = {"train.py": script, "job.json": self.job, "definition.json": portable.to_json(), "space.json": space}
            for name, content in named.items():
                text = content if isinstance(content, str) else json.dumps(content)
                about = tarfile.TarInfo(name)
                about.size = len(text.encode())
                archive.addfile(about, io.BytesIO(text.encode()))

    def lay_out(self, base: Path, hyperparameters: dict[str, str]) -> Path:
        """The container's folders before the toolkit starts."""
        for channel in ("code", "rows"):
            shutil.copytree(self.folder / channel, base / "input" / "data" / channel)
        config = base / "input" / "config"
        config.mkdir(parents=True)
        given = {
            **hyperparameters,
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": str(base / "input" / "data" / "code" / "sourcedir.tar.gz"),
            "model_dir": str(base / "model"),
            "_tuning_objective_metric": "val_accuracy",
        }
        files: dict[str, Any] = {
            "hyperparameters.json": given,
            "resourceconfig.json": {
                "current_host": "localhost",
                "hosts": ["localhost"],
                "network_interface_name": "lo",
                "current_instance_type": "ml.m5.large",
            },
            "inputdataconfig.json": {name: {"TrainingInputMode": "File"} for name in ("code", "rows")},
        }
        for name, content in files.items():
            (config / name).write_text(json.dumps(content))
        for name in ("model", "output/data", "checkpoints", "code"):
            (base / name).mkdir(parents=True, exist_ok=True)
        return base


def unpacked(base: Path) -> Path:
    """The package where the toolkit would put it."""
    with tarfile.open(base / "input" / "data" / "code" / "sourcedir.tar.gz") as archive:
        archive.extractall(base / "code", filter="data")
    return base / "code"


def environment(base: Path, **more: str) -> dict[str, str]:
    """As the service sets it: no credentials, nothing of this process but what Python needs."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(base),
        "SAGEMAKER_BASE_DIR": str(base),
        "TRAINING_JOB_NAME": JOB,
        "OPT_OUT_TRACKING": "true",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "-1",
        # As in this process, with whose numbers the job's are compared to the last bit.
        "TF_ENABLE_ONEDNN_OPTS": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),
        **more,
    }


def toolkit(base: Path, **more: str) -> subprocess.Popen[str]:
    """AWS's own `train`."""
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "train")],
        cwd=base,
        env=environment(base, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def script(base: Path, **more: str) -> subprocess.Popen[str]:
    """The same without the toolkit: the package's own script."""
    code = base / "code" if (base / "code" / "train.py").exists() else unpacked(base)
    return subprocess.Popen(
        [sys.executable, "train.py", "--ignored", "True"],
        cwd=code,
        env=environment(base, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(condition: Callable[[], bool], job: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until and job.poll() is None:
        time.sleep(0.02)
