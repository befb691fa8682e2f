"""`doctor gpu`: the reasons in TensorFlow's messages, and what is said of machines whose driver and TensorFlow are played."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cloud_nas.doctor.finding import Finding
from cloud_nas.doctor.gpu import look
from cloud_nas.doctor.gpu_log import reasons

LOGS = Path(__file__).with_name("logs")
"""TensorFlow's messages as people have posted them, cut to what matters, by its version and what was wrong.

`2.19-with-anothers-cuDNN` and `1.14-after-sleep` are put together from posts that quote the sentence without its beginning.
"""

SAID = {
    "2.21-without-a-driver": ["the driver's library libcuda.so.1 is not found"],
    "2.21-hidden": ["CUDA_VISIBLE_DEVICES hides all GPUs", "the driver offers no GPU to this process"],
    "2.9-without-cuSOLVER": ["libcusolver.so.11, libcudnn.so.8 are not found"],
    "1.15-with-a-library-that-lacks-another": ["libnvJitLink.so.12 is not found"],
    "2.1-without-TensorRT-alone": [],
    "2.16-without-names": ["libraries of CUDA are not found"],
    "2.6-after-the-driver-was-updated": [
        "the kernel runs driver 460.91.3, its libraries are of 470.57.2",
        "driver and libcuda do not go together",
    ],
    "2.11-in-a-container-without-GPUs": ["the driver is not running", "the driver offers no GPU to this process"],
    "1.14-after-sleep": ["the driver does not answer"],
    "2.4-with-an-old-card": ["TensorFlow leaves a GPU alone: with Cuda compute capability 3.0."],
    "2.19-with-anothers-cuDNN": ["cuDNN 9.1.0 is loaded, 9.3.0 is needed"],
    "2.21-with-a-new-card": ["no kernels are built for compute capability 12.0"],
    "2.15-in-peace": [],
}


def log(name: str) -> str:
    """What TensorFlow printed in that case."""
    return (LOGS / f"{name}.txt").read_text()


@pytest.mark.parametrize(("name", "said"), SAID.items(), ids=SAID)
def test_tensorflows_messages_become_reasons(name: str, said: list[str]) -> None:
    found = reasons(log(name))

    assert [reason.text for reason in found] == said
    assert all(reason.hint for reason in found)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("2.21-without-a-driver", "docker run --gpus all"),
        ("2.21-hidden", "unset CUDA_VISIBLE_DEVICES"),
        ("2.9-without-cuSOLVER", 'pip install "cloud-nas[gpu]"'),
        ("2.6-after-the-driver-was-updated", "restart the machine"),
    ],
)
def test_each_reason_comes_with_what_mends_it(name: str, hint: str) -> None:
    assert hint in reasons(log(name))[0].hint


TENSORFLOW = """
import json, os, sys
from types import SimpleNamespace as Space
played = json.loads({played!r})
__version__ = "2.21.0"
sys.stderr.write(played["log"])
if played["exit"]:
    sys.exit(played["exit"])
def fails(*values, **named):
    raise RuntimeError("DNN library initialization failed.\\nmore of it")
details = dict(device_name="NVIDIA H100", compute_capability=(9, 0))
config = Space(
    list_physical_devices=lambda kind: ["0"] * played["gpus"],
    experimental=Space(get_device_details=lambda device: details),
)
test = Space(is_built_with_cuda=lambda: played["cuda"])
sysconfig = Space(get_build_info=lambda: dict(cuda_version="12.5.1"))
class device:
    def __init__(self, name): pass
    def __enter__(self): return self
    def __exit__(self, *error): return False
ones = reshape = matmul = lambda *values: None
nn = Space(conv2d=fails if played["broken"] else lambda *values: None)
reduce_sum = lambda values: 64 * 63 * 63 * 4
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine to be played: no driver and the real TensorFlow, until it is told otherwise."""
    return Machine(tmp_path, monkeypatch)


class Machine:
    """Puts a driver, libraries and a TensorFlow where those of this machine would be."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._patch = monkeypatch
        monkeypatch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def driver(self, answer: str, status: int = 0) -> None:
        """An `nvidia-smi` that says this."""
        program = self._folder / "bin" / "nvidia-smi"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ncat <<END\n{answer}\nEND\nexit {status}\n")
        program.chmod(0o755)

    def libraries(self) -> None:
        """A cuDNN from pip."""
        folder = self._folder / "site-packages" / "nvidia" / "cudnn" / "lib"
        folder.mkdir(parents=True)
        (folder / "libcudnn.so.9").touch()
        self._patch.syspath_prepend(str(self._folder / "site-packages"))

    def tensorflow(self, log: str = "", *, gpus: int = 0, cuda: bool = True, broken: bool = False, status: int = 0) -> None:
        """A TensorFlow that prints `log` and sees so many GPUs."""
        played = json.dumps({"log": log, "gpus": gpus, "cuda": cuda, "broken": broken, "exit": status})
        (self._folder / "tensorflow.py").write_text(TENSORFLOW.format(played=played))
        self._patch.setenv("PYTHONPATH", str(self._folder))


H100 = "0, GPU-5d5ba0d6, NVIDIA H100 80GB HBM3, 81559, Disabled"


def named(findings: tuple[Finding, ...], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def test_a_machine_that_works_is_told_so(machine: Machine) -> None:
    machine.driver(H100)
    machine.libraries()
    machine.tensorflow(gpus=1)

    found = look()

    assert not [one for one in found if one.ok is False]
    assert "81559 MiB" in named(found, "gpu 0").text
    assert named(found, "libraries").text.startswith("1 packages of CUDA from pip")
    assert named(found, "tensorflow").text == "TensorFlow 2.21.0 sees NVIDIA H100 (compute capability 9.0) and works on GPU 0"
    assert "has not been tried on hardware" in found[-1].text


def test_a_gpu_that_tensorflow_cannot_work_on_is_a_problem(machine: Machine) -> None:
    machine.driver(H100)
    machine.tensorflow(log("2.19-with-anothers-cuDNN"), gpus=1, broken=True)

    found = named(look(), "tensorflow")

    assert found.ok is False
    assert found.text.endswith("cuDNN 9.1.0 is loaded, 9.3.0 is needed; RuntimeError: DNN library initialization failed.")
    assert "cloud-nas[gpu]" in (found.hint or "")


def test_a_warning_of_a_gpu_that_works_is_passed_on(machine: Machine) -> None:
    machine.driver(H100)
    machine.tensorflow(log("2.21-with-a-new-card"), gpus=1)

    found = look()

    assert named(found, "tensorflow").ok
    assert "half an hour" in (named(found, "warning").hint or "")


def test_a_tensorflow_that_misses_libraries_names_them(machine: Machine) -> None:
    machine.driver(H100)
    machine.tensorflow(log("2.9-without-cuSOLVER"))

    found = named(look(), "tensorflow")

    assert found == Finding(
        "tensorflow",
        False,
        "TensorFlow 2.21.0 sees no GPU: libcusolver.so.11, libcudnn.so.8 are not found",
        'pip install "cloud-nas[gpu]"',
    )


def test_gpus_that_the_environment_hides_are_shown_as_hidden(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.driver(H100)
    machine.tensorflow(log("2.21-hidden"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")

    found = look()

    assert named(found, "gpu 0").text.endswith("CUDA_VISIBLE_DEVICES hides it")
    assert named(found, "visible").ok is False


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (
            "Failed to initialize NVML: Driver/library version mismatch",
            18,
            "Failed to initialize NVML: Driver/library version mismatch",
        ),
        ("No devices were found", 0, "lists no GPU"),
    ],
)
def test_a_driver_that_does_not_work_is_quoted(machine: Machine, answer: str, status: int, said: str) -> None:
    machine.driver(answer, status)
    machine.tensorflow()

    driver = named(look(), "driver")

    assert driver.ok is False
    assert said in driver.text


def test_a_gpu_that_no_worker_is_given_is_a_problem(machine: Machine) -> None:
    """TensorFlow needs the driver's library only; the pool of workers asks `nvidia-smi`."""
    machine.driver("", 9)
    machine.tensorflow(gpus=1)

    assert named(look(), "workers").hint == "put nvidia-smi on the PATH"


@pytest.mark.parametrize(
    ("played", "said"),
    [
        ({"cuda": False}, "is built without CUDA"),
        ({"status": 3, "log": "ImportError: bad wheel\n"}, "exit status 3: ImportError: bad wheel"),
    ],
)
def test_a_tensorflow_of_the_wrong_kind_is_a_problem(machine: Machine, played: dict[str, object], said: str) -> None:
    machine.tensorflow(**played)  # type: ignore[arg-type]

    found = named(look(), "tensorflow")

    assert found.ok is False
    assert said in found.text


def test_the_real_tensorflow_says_why_it_sees_no_gpu(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hidden, so that the answer is the same on a machine that has one."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")

    found = named(look(), "tensorflow")

    assert found.ok is False
    assert "sees no GPU: " in found.text
    assert "it does not say why" not in found.text
    assert found.hint
