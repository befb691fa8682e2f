"""What a training job does where none is really run: how long its phases last, what it prints, how it ends."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Script:
    """A job's course. Times are in seconds of the stand-in's clock.

    Attributes:
        starting: until a machine is there.
        downloading: of the inputs.
        epoch: between two lines of `values`.
        values: what the job prints of each metric that the request defines, one a line; None: rising towards a value that the
            hyperparameters decide.
        uploading: of the outputs.
        failure: the text of `output/failure`; the job ends with status 1 after its lines.
        model: the bytes of `model.tar.gz`; None: a small archive; empty: the job leaves no model.
        checkpoints: objects below the checkpoints' URI, written as training begins.
        lines: printed before the values.
    """

    starting: float = 60.0
    downloading: float = 10.0
    epoch: float = 10.0
    values: tuple[float, ...] | None = None
    uploading: float = 5.0
    failure: str | None = None
    model: bytes | None = None
    checkpoints: Mapping[str, bytes] = field(default_factory=dict)
    lines: tuple[str, ...] = ("Reporting training START",)


Scripts = Callable[[str, Mapping[str, str]], Script]
"""A job's script by its name and its hyperparameters."""


def rising(hyperparameters: Mapping[str, str], epochs: int = 3) -> tuple[float, ...]:
    """Values that a job would print: the same for the same hyperparameters, between 0.5 and 1."""
    told = sorted((key, value) for key, value in hyperparameters.items() if not key.startswith(("sagemaker_", "_", "model_dir")))
    end = int(hashlib.sha256(repr(told).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF / 2 + 0.5
    return tuple(round(end * (1 - 0.5 ** (epoch + 1)), 6) for epoch in range(epochs))


def small_archive(name: str) -> bytes:
    """A `model.tar.gz` with one file, which says that no model was trained."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        text = f"{name}: a stand-in; nothing was trained\n".encode()
        member = tarfile.TarInfo("README.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return held.getvalue()
