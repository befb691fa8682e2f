"""A container of Vertex AI as the service starts it: the bootstrap's text as its program, its variables, a bucket as a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import local_engine

from .container import Package

TRAIN = "from local_engine.containers.vertex import main\n\nmain()\n"
BOOTSTRAP = (Path(local_engine.__file__).parent / "containers" / "bootstrap.py").read_text()
BUCKET = "a-bucket"
STUDY = "runs/r-test1/checkpoints"


def send(package: Package, root: Path) -> Path:
    """The bucket's folder below `root`, with the package's parcels in it."""
    bucket = root / BUCKET
    for name in ("code", "rows"):
        shutil.copytree(package.folder / name, bucket / name)
    return bucket


def environment(package: Package, home: Path, *, trial: int | None = None, **more: str) -> dict[str, str]:
    """As the service and the request set it: no credentials, nothing of this process but what Python needs."""
    own = f"gs://{BUCKET}/runs/r-test1/1/" + (f"{trial}/" if trial else "")
    home.mkdir(exist_ok=True)
    found = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "CLOUD_NAS_CODE": f"gs://{BUCKET}/code/",
        "CLOUD_NAS_CODE_SHA256": hashlib.sha256((package.folder / "code" / "sourcedir.tar.gz").read_bytes()).hexdigest(),
        "CLOUD_NAS_ROWS": f"gs://{BUCKET}/rows/",
        "CLOUD_NAS_WHEELS": f"gs://{BUCKET}/wheels/",
        "AIP_MODEL_DIR": f"{own}model/",
        "AIP_CHECKPOINT_DIR": f"{own}checkpoints/",
        "AIP_TENSORBOARD_LOG_DIR": f"{own}logs/",
        "CLOUD_ML_HP_METRIC_FILE": str(home / "output.metrics"),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "-1",
        # As in this process, with whose numbers the job's are compared to the last bit.
        "TF_ENABLE_ONEDNN_OPTS": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),
        **more,
    }
    return found | ({"CLOUD_ML_TRIAL_ID": str(trial)} if trial else {"CLOUD_NAS_STUDY": f"gs://{BUCKET}/{STUDY}/"})


def start(home: Path, variables: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """The container's program, as `command` and the tuner's arguments have it."""
    home.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", BOOTSTRAP, *arguments],
        cwd=home,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
