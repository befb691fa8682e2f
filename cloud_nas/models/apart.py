"""A stranger's model, used through a process of its own: what comes back is numbers in files, and none is believed unseen.

The process (`confined`) has no network, no credentials in its environment, and bounds on memory and files; it may write into one
folder, which is gone afterwards. It computes on the CPU.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    from local_engine.training.speed import Speed

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
        with self._answered(parts) as (folder, _):
            return outputs_in(folder, parts)

    def measured(self, parts: Sequence[Part]) -> tuple[list[np.ndarray], Speed | None]:
        """The outputs, and how fast the model gives those of the first part, in the same process."""
        with self._answered(parts, measure=True) as (folder, answer):
            return outputs_in(folder, parts), _speed(answer.get("speed"))

    def exported(self, to: str, part: Part, folder: Path, *, check: bool) -> float | None:
        """Writes the model in another form into `folder`, whole or not at all.

        Args:
            to: `keras`, `savedmodel`, `tflite` or `onnx`.
            part: a few raw rows.
            folder: does not exist yet.
            check: run what was written on `part`, and give the largest difference to the model's own outputs.

        Raises:
            UsageError: the model has no such form.
            RefusedError: the model is not safe to load, or needs code that is not trusted.
        """
        with self._answered([part], export=to, check=check) as (work, answer):
            _take(work / confined.OUT / confined.EXPORT, folder)
            difference = answer.get("difference")
            return float(difference) if isinstance(difference, int | float) else None

    @contextmanager
    def _answered(self, parts: Sequence[Part], **more: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The process's folder and its answer, once it has done what it was asked."""
        size = sum((self.manifest.folder / name).stat().st_size for name in self.manifest.loaded)

        def request(room: Room) -> dict[str, Any]:
            return confined.request_of(self.manifest.folder, list(self.trusted), self.trust, room, **more)

        with answered(parts, size, request) as found:
            yield found


@contextmanager
def answered(
    parts: Sequence[Part], size: int, request: Callable[[Room], dict[str, Any]]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A process of its own for some rows: its folder and its answer, once it has done what it was asked.

    Args:
        parts: the rows, which it gets.
        size: bytes of the model's files.
        request: makes the request from the room that the process has.
    """
    with tempfile.TemporaryDirectory(prefix="cloud-nas-") as name:
        folder = Path(name)  # 0700: nobody else can put anything into it
        (folder / confined.OUT).mkdir()
        sharing.share(list(parts), folder / confined.ROWS)
        write_json(folder / confined.REQUEST, request(_room(parts, folder, size)), mode=0o600)
        status = _run(folder)
        answer = _answer(folder, status)
        _raise_error(answer)
        yield folder, answer


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


def _room(parts: Sequence[Part], folder: Path, size: int) -> Room:
    """All memory of the machine beside the rows; files as large as 8,192 numbers a row, or four times the model."""
    rows = sum(path.stat().st_size for path in (folder / confined.ROWS).iterdir())
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Room(max(_LEAST_MEMORY, machine) + rows, 64 * 2**20 + 2**16 * max((part.n for part in parts), default=0) + 4 * size)


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


def outputs_in(folder: Path, parts: Sequence[Part]) -> list[np.ndarray]:
    """What the process of `answered` left: the outputs for each part."""
    return [_read(folder / confined.OUT / f"{number}.npy", part.n) for number, part in enumerate(parts)]


def _take(made: Path, folder: Path) -> None:
    """Copies what the process wrote, plain files and folders alone, and gives it its name at the end."""
    making = folder.with_name(f".{folder.name}.{os.getpid()}")
    making.mkdir(mode=0o700)
    try:
        for path in sorted(made.rglob("*")):
            place = making / path.relative_to(made)
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise FailedError("the process that exported the model left something that is no file")
            if path.is_dir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _speed(told: Any) -> Speed | None:
    """What the process measured, where it is numbers."""
    from local_engine.training.speed import Speed

    names = ("latency_ms", "throughput", "threads")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), int | float) for name in names):
        return None
    params = told.get("params")
    known = params if isinstance(params, int) and not isinstance(params, bool) else None
    return Speed(float(told["latency_ms"]), float(told["throughput"]), int(told["threads"]), known)


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
