"""A stranger's model, used through a process of its own: what comes back is numbers in files, and none is believed unseen.

The process (`confined`) has no network, no credentials in its environment, and bounds on memory and files; it may write into one
folder, which is gone afterwards. It computes on the CPU.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas import errors
from cloud_nas.errors import CloudNasError, FailedError
from cloud_nas.models import confined
from cloud_nas.models.confinement import Room, environment
from cloud_nas.models.manifest import Manifest
from local_engine import sharing
from local_engine.files import read_json, write_json

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part

_CODE = "import sys; sys.path[:] = {path!r}; from cloud_nas.models.confined import main; main({folder!r})"
_LEAST_MEMORY = 8 * 2**30
"""TensorFlow takes some gigabytes of addresses before it computes anything."""
_MOST_ANSWER = 2**20
_SAID = "said.txt"


@dataclass(frozen=True)
class ApartModel:
    """A model that predicts in a process of its own, one for each call of `outputs`.

    `trusted` are those of its hashes that this machine knows; `trust`: its code is loaded whatever it is.
    """

    manifest: Manifest
    trusted: tuple[str, ...]
    trust: bool

    def outputs(self, parts: Sequence[Part]) -> list[np.ndarray]:
        """What the model gives for the rows of each part, as if it were loaded here.

        Raises:
            RefusedError: the model is not safe to load, or needs code that is not trusted.
            FailedError: its process ended, or what came back is not one number, or row of numbers, for each row.
        """
        with tempfile.TemporaryDirectory(prefix="cloud-nas-") as name:
            folder = Path(name)  # 0700: nobody else can put anything into it
            (folder / confined.OUT).mkdir()
            sharing.share(list(parts), folder / confined.ROWS)
            request = confined.request_of(self.manifest.folder, list(self.trusted), self.trust, _room(parts, folder))
            write_json(folder / confined.REQUEST, request, mode=0o600)
            status = _run(folder)
            _raise_error(_answer(folder, status))
            return [_read(folder / confined.OUT / f"{number}.npy", part.n) for number, part in enumerate(parts)]


def _run(folder: Path) -> int:
    """Runs the process to its end, which comes with this one's at the latest; gives its exit status."""
    with (folder / _SAID).open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE.format(path=sys.path, folder=str(folder))],
            env=environment(os.environ, folder / confined.OUT),
            cwd=folder / confined.OUT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            return process.wait()
        finally:
            process.kill()
            process.wait()


def _room(parts: Sequence[Part], folder: Path) -> Room:
    """All memory of the machine beside the rows; files as large as 8,192 numbers a row."""
    rows = sum(path.stat().st_size for path in (folder / confined.ROWS).iterdir())
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Room(max(_LEAST_MEMORY, machine) + rows, 64 * 2**20 + 2**16 * max((part.n for part in parts), default=0))


def _answer(folder: Path, status: int) -> dict[str, Any]:
    """What the process wrote last."""
    path = folder / confined.OUT / confined.ANSWER
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_ANSWER:
            raise FailedError("the process that loaded the model gave an answer that is none")
        answer = read_json(path)
        return answer if isinstance(answer, dict) else {}
    except (OSError, ValueError, RecursionError):
        raise FailedError(
            f"the process that loads the model ended before it had predicted ({_end(folder, status)})",
            hint="a model that is larger than the machine's memory ends so",
        ) from None


def _end(folder: Path, status: int) -> str:
    if status < 0:
        return signal.Signals(-status).name
    lines = [line for line in (folder / _SAID).read_text(errors="replace").splitlines() if line.strip()]
    return _printable(lines[-1]) if lines else f"exit status {status}"


def _raise_error(answer: dict[str, Any]) -> None:
    """The error that the process met, raised here."""
    told = answer.get("error")
    if told is None:
        return
    if not isinstance(told, dict):
        raise FailedError("the process that loaded the model gave an answer that is none")
    kind = {each.__name__: each for each in (errors.RefusedError, errors.UsageError, errors.MissingExtraError)}.get(
        str(told.get("kind")), FailedError
    )
    hint, code = told.get("hint"), told.get("code")
    error: CloudNasError = kind(
        _printable(str(told.get("message"))),
        hint=None if hint is None else _printable(str(hint)),
        code=code if isinstance(code, str) and code.isalnum() else None,
    )
    raise error


def _printable(text: str) -> str:
    """One line without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:1000]).strip()


def _read(path: Path, n: int) -> np.ndarray:
    """The outputs in a file, with one row for each row that was asked about."""
    import numpy as np

    try:
        outputs = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise FailedError(f"the model's process left no outputs: {error}") from error
    if not isinstance(outputs, np.ndarray) or outputs.dtype.kind not in "fiub" or outputs.ndim not in (1, 2) or len(outputs) != n:
        raise FailedError(f"the model gave {getattr(outputs, 'shape', 'nothing')} for {n} rows")
    return outputs
