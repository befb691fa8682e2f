"""Why TensorFlow sees no GPU, or warns of one, read from what it prints; the sentences are those of versions 2.1 to 2.21."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

INSTALL = 'pip install "cloud-nas[gpu]"'
DRIVER = "install NVIDIA's driver and restart; a container has to be started with its GPUs (docker run --gpus all)"
_UNHIDE = "unset CUDA_VISIBLE_DEVICES, or name GPUs in it that nvidia-smi lists"
_RESTART = "restart the machine, so that the kernel loads the driver that is installed; in a container keep to the host's libcuda"
_WAKE = "sudo modprobe nvidia_uvm, or restart the machine; after it slept the driver may not come back by itself"


@dataclass(frozen=True)
class Reason:
    """One cause: what is wrong, and what mends it."""

    text: str
    hint: str


_LIBRARY = re.compile(
    r"Could not (?:load dynamic library|dlopen library) '(?P<asked>[^']+)'(?:; dlerror: (?P<missing>[^\s:]+\.so[^\s:]*):)?"
)
_OPTIONAL = ("libnvinfer",)
"""TensorRT, which nobody here uses."""

_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (r"this hides all GPUs from CUDA", "CUDA_VISIBLE_DEVICES hides all GPUs", _UNHIDE),
    (r"kernel version (\S+) does not match DSO version (\S+)", "the kernel runs driver {0}, its libraries are of {1}", _RESTART),
    (r"CUDA_ERROR_(?:COMPAT_NOT_SUPPORTED_ON_DEVICE|SYSTEM_DRIVER_MISMATCH)", "driver and libcuda do not go together", _RESTART),
    (r"kernel driver does not appear to be running", "the driver is not running", DRIVER),
    (r"CUDA_ERROR_INSUFFICIENT_DRIVER|driver version is insufficient", "the driver is too old for CUDA 12", DRIVER),
    (r"CUDA_ERROR_NO_DEVICE", "the driver offers no GPU to this process", _UNHIDE),
    (r"CUDA_ERROR_UNKNOWN", "the driver does not answer", _WAKE),
    (
        r"Loaded runtime CuDNN library: (\d+(?:\.\d+)*) but source was compiled with: (\d+(?:\.\d+)*)",
        "cuDNN {0} is loaded, {1} is needed",
        f"{INSTALL} --upgrade, and take other versions off LD_LIBRARY_PATH",
    ),
    (
        r"Ignoring visible gpu device \(.*?\) (with .+?\.) ",
        "TensorFlow leaves a GPU alone: {0}",
        "train on another GPU, or on the processor",
    ),
    (
        r"compatible with (?:CUDA )?compute capability (\d+\.\d+)",
        "no kernels are built for compute capability {0}",
        "its first run compiles them, which may take half an hour; later runs find them in ~/.nv",
    ),
)

_LAST_RESORTS: tuple[tuple[str, str, str], ...] = (
    (r"Cannot dlopen some GPU libraries", "libraries of CUDA are not found", INSTALL),
    (r"failed call to cuInit: (.+)", "CUDA does not start: {0}", DRIVER),
    (r"Could not find cuda drivers", "no driver is found", DRIVER),
)
"""What is said together with the sentences above as well, so that it counts only where nothing else is known."""


def reasons(log: str) -> tuple[Reason, ...]:
    """What TensorFlow's messages say of GPUs, the likeliest cause first; empty where they say nothing.

    Args:
        log: what it printed, best with TF_CPP_VMODULE=dso_loader=1: libraries that are missing are not named otherwise.
    """
    found = list(dict.fromkeys((*_missing(log), *_said(_SENTENCES, log))))
    return tuple(found) or tuple(_said(_LAST_RESORTS, log))[:1]


def _missing(log: str) -> Iterator[Reason]:
    """Libraries that could not be loaded; of one that lacks another, the other."""
    names = [match["missing"] or match["asked"] for match in _LIBRARY.finditer(log)]
    names = [name for name in dict.fromkeys(names) if not name.startswith(_OPTIONAL)]
    drivers = [name for name in names if name.startswith("libcuda.so")]
    others = [name for name in names if name not in drivers]
    if drivers:
        yield Reason(f"the driver's library {drivers[0]} is not found", DRIVER)
    if others:
        yield Reason(f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} not found", INSTALL)


def _said(sentences: tuple[tuple[str, str, str], ...], log: str) -> Iterator[Reason]:
    for pattern, text, hint in sentences:
        match = re.search(pattern, log)
        if match:
            yield Reason(text.format(*match.groups()), hint)
