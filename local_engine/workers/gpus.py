"""The NVIDIA GPUs of this machine, as `nvidia-smi` lists them; without it there are none."""

from __future__ import annotations

import csv
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

_QUERY = ("nvidia-smi", "--query-gpu=index,uuid,name,memory.total,mig.mode.current", "--format=csv,noheader,nounits")
_LIST = ("nvidia-smi", "-L")
_PATIENCE = 20.0
"""Seconds; a driver that has to wake up a machine full of GPUs takes some."""

_GPU = re.compile(r"GPU \d+: .*\(UUID: (?P<uuid>\S+)\)")
_PART = re.compile(r"\s+MIG (?P<profile>\S+)\s+Device\s+\d+: \(UUID: (?P<uuid>\S+)\)")
_GIGABYTES = re.compile(r"(\d+)gb")


@dataclass(frozen=True)
class Gpu:
    """A GPU, or the part of one that it was divided into (MIG).

    Args:
        id: what CUDA_VISIBLE_DEVICES gets for it: the index that `nvidia-smi` shows, or a part's UUID.
        name: as its maker calls it.
        memory_mb: all its memory in MiB, for a part about that; 0 where the driver does not say.
        uuid: the same everywhere and for ever.
    """

    id: str
    name: str
    memory_mb: int
    uuid: str = ""

    def is_called(self, name: str) -> bool:
        """Whether `name` means this one: its id, its UUID or the beginning of it."""
        return bool(name) and (name == self.id or (bool(self.uuid) and len(name) > 4 and self.uuid.startswith(name)))


_NONE = "-1"
_hidden: list[str | None] = []
"""What CUDA_VISIBLE_DEVICES was before `hide`, once that was called."""


def hide() -> None:
    """Leaves the GPUs to the workers: TensorFlow in this process, which may build models, is to take none of their memory.

    Before TensorFlow's first operation here, and for as long as this process lives; `visible` goes on to name them.
    """
    if not _is_hidden(os.environ):
        _hidden[:] = [os.environ.get("CUDA_VISIBLE_DEVICES")]
        os.environ["CUDA_VISIBLE_DEVICES"] = _NONE


def visible(environment: Mapping[str, str] = os.environ) -> tuple[Gpu, ...]:
    """The GPUs that a process with this environment may use, in the order that CUDA_VISIBLE_DEVICES gives them.

    Numbers in it are read as `nvidia-smi` counts; CUDA's own count is another where cards differ, unless CUDA_DEVICE_ORDER is
    PCI_BUS_ID. As in CUDA, a name that means no GPU hides what stands after it.
    """
    allowed = _hidden[0] if _is_hidden(environment) else environment.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None and not allowed.strip():
        return ()
    there = present()
    if allowed is None:
        return there
    found: list[Gpu] = []
    for name in allowed.split(","):
        named = [gpu for gpu in there if gpu.is_called(name.strip()) and gpu not in found]
        if not named:
            break
        found.append(named[0])
    return tuple(found)


def _is_hidden(environment: Mapping[str, str]) -> bool:
    """Whether this process's GPUs are hidden by `hide`, and nobody has changed that since."""
    return bool(_hidden) and environment is os.environ and environment.get("CUDA_VISIBLE_DEVICES") == _NONE


def present() -> tuple[Gpu, ...]:
    """All GPUs of the machine, each divided one as its parts."""
    found: list[Gpu] = []
    parts: dict[str, tuple[Gpu, ...]] | None = None
    for row in csv.reader((ask(_QUERY)[0] or "").splitlines(), skipinitialspace=True):
        if len(row) != 5 or not row[0].strip().isdigit():
            continue
        index, uuid, name, memory, divided = (cell.strip() for cell in row)
        if divided == "Enabled":
            parts = _parts(ask(_LIST)[0] or "") if parts is None else parts
            found += parts.get(uuid, ())
        else:
            found.append(Gpu(index, name, int(memory) if memory.isdigit() else 0, uuid))
    return tuple(found)


def ask(command: tuple[str, ...] = _QUERY) -> tuple[str | None, str]:
    """What `nvidia-smi` prints, None where it is not there or fails; and then why."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {_PATIENCE:.0f} s"
    except OSError:
        return None, "not found"
    if done.returncode:
        said = (done.stdout.strip() or done.stderr.strip()).splitlines()
        return None, said[0] if said else f"exit status {done.returncode}"
    return done.stdout, ""


def _parts(listed: str) -> dict[str, tuple[Gpu, ...]]:
    """The parts of each divided GPU by its UUID, from what `nvidia-smi -L` prints."""
    found: dict[str, tuple[Gpu, ...]] = {}
    whole = ""
    for line in listed.splitlines():
        if named := _GPU.match(line):
            whole = named["uuid"]
        elif part := _PART.match(line):
            size = _GIGABYTES.search(part["profile"])
            megabytes = int(size[1]) * 1000 if size else 0  # a part has a little less than the MiB of its name
            found[whole] = (*found.get(whole, ()), Gpu(part["uuid"], f"MIG {part['profile']}", megabytes, part["uuid"]))
    return found
