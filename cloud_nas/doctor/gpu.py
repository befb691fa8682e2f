"""Whether GPUs can be trained on: the driver, CUDA's libraries, and what TensorFlow makes of them."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloud_nas.doctor.finding import Finding
from cloud_nas.doctor.gpu_log import DRIVER, INSTALL, reasons
from local_engine.workers import cuda, devices, gpus

_PROBE = """
import json
import tensorflow as tf
found = tf.config.list_physical_devices("GPU")
said = {"version": tf.__version__, "cuda": tf.test.is_built_with_cuda(), "build": dict(tf.sysconfig.get_build_info())}
said["gpus"] = [tf.config.experimental.get_device_details(one) for one in found]
if found:
    try:
        with tf.device("/GPU:0"):
            product = tf.matmul(tf.ones((64, 64)), tf.ones((64, 64)))
            folded = tf.nn.conv2d(tf.reshape(product, (1, 64, 64, 1)), tf.ones((2, 2, 1, 1)), 1, "VALID")
            said["sum"] = float(tf.reduce_sum(folded))
    except Exception as error:
        said["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
print(json.dumps(said, default=str))
"""
_SUM = 64.0 * 63 * 63 * 4
_PATIENCE = 180.0
"""Seconds for the import and two operations; a GPU that kernels have to be compiled for may take longer."""

_UNTRIED = "training on a GPU has not been tried on hardware by the makers of this version; tell them what you see"


def look() -> tuple[Finding, ...]:
    """The driver, the libraries and TensorFlow, each by itself. Nothing is made or left running."""
    present, visible = gpus.present(), gpus.visible()
    return (
        *_driver(present, visible),
        *_libraries(present),
        *_tensorflow(visible),
        Finding("note", None, _UNTRIED),
    )


def _driver(present: tuple[gpus.Gpu, ...], visible: tuple[gpus.Gpu, ...]) -> Iterator[Finding]:
    """What `nvidia-smi` says, a line a GPU."""
    if not present:
        listed, why = gpus.ask()
        said = "nvidia-smi lists no GPU" if listed is not None else f"nvidia-smi: {why}"
        yield Finding("driver", False, said, f"{DRIVER}; without a GPU there is nothing to mend: searches train on the processor")
        return
    yield Finding("driver", True, f"nvidia-smi lists {len(present)}")
    for gpu in present:
        memory = f", {gpu.memory_mb} MiB" if gpu.memory_mb else ""
        hidden = "" if gpu in visible else "; CUDA_VISIBLE_DEVICES hides it"
        yield Finding(f"gpu {gpu.id}", None, f"{gpu.name}{memory}{hidden}")
    if not visible:
        value = os.environ.get("CUDA_VISIBLE_DEVICES")
        yield Finding("visible", False, f"CUDA_VISIBLE_DEVICES={value!r} hides all GPUs", "unset CUDA_VISIBLE_DEVICES")


def _libraries(present: tuple[gpus.Gpu, ...]) -> Iterator[Finding]:
    """CUDA's libraries: whether there are any, and from where; nobody needs them without a GPU."""
    folders = cuda.folders("lib")
    if not cuda.libraries_there():
        yield Finding("libraries", False if present else None, "CUDA's libraries are not installed", INSTALL)
    elif folders:
        yield Finding("libraries", True, f"{len(folders)} packages of CUDA from pip; workers are started with them on their path")
    else:
        yield Finding("libraries", True, "the system's cuDNN; none from pip")


def _tensorflow(visible: tuple[gpus.Gpu, ...]) -> Iterator[Finding]:
    """What TensorFlow sees in a process that is started as a worker is, and whether it can count there."""
    if importlib.util.find_spec("tensorflow") is None:
        yield Finding("tensorflow", False, "not installed", INSTALL)
        return
    probed = _probe(visible)
    if probed.said is None:
        yield Finding("tensorflow", False, probed.failure, f"{INSTALL} --force-reinstall")
        return
    version, known = f"TensorFlow {probed.said['version']}", reasons(probed.log)
    if not probed.said["cuda"]:
        yield Finding("tensorflow", False, f"{version} is built without CUDA", INSTALL)
    elif not probed.said["gpus"]:
        why = "; ".join(reason.text for reason in known) or "it does not say why"
        yield Finding("tensorflow", False, f"{version} sees no GPU: {why}", known[0].hint if known else INSTALL)
    elif probed.said.get("sum") != _SUM:
        why = "; ".join(
            (*(reason.text for reason in known), probed.said.get("error") or f"it counts wrongly, {probed.said['sum']}")
        )
        yield Finding(
            "tensorflow", False, f"{version} cannot work on GPU 0: {why}", known[0].hint if known else f"{INSTALL} --upgrade"
        )
    else:
        yield Finding("tensorflow", True, f"{version} sees {', '.join(map(_named, probed.said['gpus']))} and works on GPU 0")
        yield from (Finding("warning", None, reason.text, reason.hint) for reason in known)
        if not visible:
            yield Finding("workers", False, "without nvidia-smi no worker is given a GPU", "put nvidia-smi on the PATH")


@dataclass(frozen=True)
class _Probed:
    """What a process with TensorFlow said in JSON, or why it said nothing; and all that it printed besides."""

    said: dict[str, Any] | None
    failure: str
    log: str


def _probe(visible: tuple[gpus.Gpu, ...]) -> _Probed:
    named = ",".join(gpu.id for gpu in visible) or os.environ.get("CUDA_VISIBLE_DEVICES", "0")
    environment = {
        **devices.environment(devices.Slot(index=0, threads=1, gpu=named), os.environ),
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_CPP_VMODULE": "dso_loader=1",  # names the libraries that are missing
    }
    command = [sys.executable, "-P", "-c", _PROBE]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        printed = error.stderr or b""
        return _Probed(
            None, f"no answer within {_PATIENCE:.0f} s", printed if isinstance(printed, str) else printed.decode(errors="replace")
        )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
        return _Probed(None, f"ended by {how}: {last}", done.stderr)
    return _Probed(json.loads(lines[-1]), "", done.stderr)


def _named(details: dict[str, Any]) -> str:
    """A GPU as TensorFlow describes it."""
    name, capability = details.get("device_name", "a GPU"), details.get("compute_capability")
    return f"{name} (compute capability {'.'.join(map(str, capability))})" if capability else str(name)
