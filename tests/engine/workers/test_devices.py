"""GPUs as `nvidia-smi` lists them, the environment that a worker is started with, and what it sets before it trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_engine.workers import cuda, gpus
from local_engine.workers.devices import Slot, environment
from local_engine.workers.fitting import Machine

TWO = """0, GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77, NVIDIA H100 80GB HBM3, 81559, Disabled
1, GPU-8f6d1a52-0000-4b6c-b1f0-0d6f8f6d1a52, NVIDIA A10, 23028, [N/A]
"""
DIVIDED = """0, GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77, NVIDIA A100-SXM4-40GB, 40960, Enabled
1, GPU-8f6d1a52-0000-4b6c-b1f0-0d6f8f6d1a52, NVIDIA A10, 23028, Disabled
"""
LISTED = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 1g.5gb+me   Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA A10 (UUID: GPU-8f6d1a52-0000-4b6c-b1f0-0d6f8f6d1a52)
"""


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder first on PATH that `nvidia_smi` puts the program into; no GPU is hidden."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return folder


def nvidia_smi(folder: Path, query: str, listed: str = "", status: int = 0) -> None:
    """A program that answers as NVIDIA's does."""
    (folder / "query").write_text(query)
    (folder / "listed").write_text(listed)
    program = folder / "nvidia-smi"
    program.write_text(f'#!/bin/sh\ncd "{folder}"\nif [ "$1" = -L ]; then cat listed; else cat query; fi\nexit {status}\n')
    program.chmod(0o755)


def test_gpus_are_those_that_the_driver_lists(driver: Path) -> None:
    nvidia_smi(driver, TWO)

    found = Machine.here().gpus

    assert [(gpu.id, gpu.name, gpu.memory_mb) for gpu in found] == [
        ("0", "NVIDIA H100 80GB HBM3", 81559),
        ("1", "NVIDIA A10", 23028),
    ]


@pytest.mark.parametrize(
    ("allowed", "ids"),
    [
        ("1", ["1"]),
        ("1,0", ["1", "0"]),
        (" 1 , 0", ["1", "0"]),
        ("GPU-8f6d1a52", ["1"]),
        ("", []),
        ("-1", []),
        ("0,-1,1", ["0"]),
        ("0,7,1", ["0"]),
        ("0,0,1", ["0"]),
        ("NoDevFiles", []),
    ],
)
def test_hidden_gpus_are_not_used(driver: Path, monkeypatch: pytest.MonkeyPatch, allowed: str, ids: list[str]) -> None:
    nvidia_smi(driver, TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)

    assert [gpu.id for gpu in Machine.here().gpus] == ids


def test_a_divided_gpu_is_its_parts(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(driver, DIVIDED, LISTED)

    assert [(gpu.id, gpu.memory_mb) for gpu in gpus.visible()] == [
        ("MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", 20000),
        ("MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb", 5000),
        ("1", 23028),
    ]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-cba663e8")
    assert [gpu.name for gpu in gpus.visible()] == ["MIG 1g.5gb+me"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("Failed to initialize NVML: Driver/library version mismatch\n", 18),
        ("No devices were found\n", 0),
        ("", 0),
    ],
)
def test_a_driver_that_does_not_work_means_no_gpus(driver: Path, query: str, status: int) -> None:
    nvidia_smi(driver, query, status=status)

    assert Machine.here().gpus == ()


def test_a_gpu_that_hides_its_memory_is_used_all_the_same(driver: Path) -> None:
    nvidia_smi(driver, "0, GPU-1, NVIDIA GB10, [N/A], [N/A]\n")

    assert gpus.present() == (gpus.Gpu("0", "NVIDIA GB10", 0, "GPU-1"),)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `nvidia` among this interpreter's packages, with two of them in it."""
    folder = tmp_path / "venv" / "site-packages" / "nvidia"
    for name in ("cudnn/lib", "cusolver/lib", "cuda_nvcc/bin"):
        (folder / name).mkdir(parents=True)
    (folder / "cudnn" / "lib" / "libcudnn.so.9").touch()
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def test_a_worker_with_a_gpu_finds_the_libraries_that_pip_installed(packages: Path) -> None:
    base = {"LD_LIBRARY_PATH": "/opt/cuda/lib64", "PATH": "/usr/bin", "HOME": "/root", "CUDA_VISIBLE_DEVICES": "0,1"}

    found = environment(Slot(1, 3, gpu="1", memory_mb=9000), base)

    libraries = found["LD_LIBRARY_PATH"].split(os.pathsep)
    assert {str(packages / "cudnn/lib"), str(packages / "cusolver/lib")} <= set(libraries)
    assert libraries[-1] == "/opt/cuda/lib64"
    assert found["PATH"].split(os.pathsep)[0] == "/usr/bin"
    assert str(packages / "cuda_nvcc/bin") in found["PATH"].split(os.pathsep)
    assert (found["CUDA_VISIBLE_DEVICES"], found["CUDA_DEVICE_ORDER"], found["HOME"]) == ("1", "PCI_BUS_ID", "/root")
    assert found["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_a_worker_without_a_gpu_sees_none_and_keeps_its_paths(packages: Path) -> None:
    base = {"LD_LIBRARY_PATH": "/opt/cuda/lib64", "CUDA_VISIBLE_DEVICES": "0,1", "OMP_NUM_THREADS": "64"}

    found = environment(Slot(0, 3), base)

    assert found["CUDA_VISIBLE_DEVICES"] == "-1"
    assert found["LD_LIBRARY_PATH"] == "/opt/cuda/lib64"
    assert {found[name] for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")} == {"3"}


def test_libraries_are_found_where_pip_or_the_environment_has_them(packages: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "libcudnn.so.9").touch()
    assert cuda.libraries_there({})

    (packages / "cudnn" / "lib" / "libcudnn.so.9").unlink()
    assert cuda.libraries_there({"LD_LIBRARY_PATH": f"/nowhere:{elsewhere}"})


FAKE_TENSORFLOW = """
import json, os, types
said = []
def say(name):
    return lambda *values: said.append([name, *map(str, values)])
def devices(kind):
    return os.environ["CUDA_VISIBLE_DEVICES"].split(",") if os.environ["CUDA_VISIBLE_DEVICES"] != "-1" else []
config = types.SimpleNamespace(
    threading=types.SimpleNamespace(
        set_intra_op_parallelism_threads=say("intra"), set_inter_op_parallelism_threads=say("inter")
    ),
    list_physical_devices=devices,
    LogicalDeviceConfiguration=lambda memory_limit: memory_limit,
    set_logical_device_configuration=say("limit"),
    experimental=types.SimpleNamespace(set_memory_growth=say("growth")),
)
"""


def configured(slot: Slot, code: str, **variables: str) -> str:
    """What a process prints that is started and set up as the worker of `slot` is."""
    program = f"from local_engine.workers import devices; devices.configure(devices.{slot!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(slot, os.environ) | variables,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        (Slot(0, 2), []),
        (Slot(0, 2, gpu="1"), [["growth", "1", "True"]]),
        (Slot(1, 2, gpu="1", memory_mb=9000), [["limit", "1", "[9000]"]]),
    ],
)
def test_a_worker_takes_no_more_of_its_gpu_than_its_share(tmp_path: Path, slot: Slot, said: list[list[str]]) -> None:
    """There is no GPU here, so a stand-in for TensorFlow says what it is told."""
    (tmp_path / "tensorflow.py").write_text(FAKE_TENSORFLOW)

    printed = configured(slot, "import json, tensorflow; print(json.dumps(tensorflow.said))", PYTHONPATH=str(tmp_path))

    assert json.loads(printed) == [["intra", "2"], ["inter", "2"], *said]


def test_tensorflow_keeps_to_the_threads_and_fails_aloud_where_its_gpu_is_missing() -> None:
    """Three threads, which is what no machine has by itself: so many of each kind are there after an operation."""
    code = """
from pathlib import Path
import tensorflow as tf
from local_engine.errors import EngineError

tf.function(lambda x: tf.matmul(x, x))(tf.ones((64, 64)))
names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
print(tf.config.threading.get_intra_op_parallelism_threads(), names.count("tf_Compute") if names else 3)
print(tf.config.list_physical_devices("GPU"))
try:
    devices.configure(devices.Slot(0, 3, gpu="0"))
except EngineError as error:
    print(error.message, error.hint)
"""
    threads, seen, failed = configured(Slot(0, 3), code).splitlines()

    assert threads == "3 3"
    assert seen == "[]"
    assert failed.startswith("TensorFlow does not see GPU 0")
    assert "doctor gpu" in failed
