"""Readers of what comes from outside, fed with broken input for a while: no crash, no hang, nothing written beside.

`make fuzz-short` feeds each for a minute, `make fuzz` for ten (CLOUD_NAS_FUZZ_SECONDS); the tests do so for a second. Each begins
from good input of its kind and breaks it; a seed (CLOUD_NAS_FUZZ_SEED) makes the same again. An answer is a result or one of our
errors; anything else is a defect, and the input is kept.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from cloud_nas.errors import CloudNasError
from cloud_nas.models import outside, predictions, scanning, unpacking
from cloud_nas.models.predictions import About, Predictions
from cloud_nas.spec import load
from local_engine.errors import EngineError

from .mutating import mutated
from .seeds import SPEC, archive, keras_file

ROOT = Path(__file__).resolve().parents[2]
HANG = 20
"""Seconds after which a reader hangs."""


@contextmanager
def bounded() -> Iterator[None]:
    """Raises where the block takes too long."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {HANG} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(HANG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def feed(
    seeds: Sequence[bytes], suffix: str, read: Callable[[Path], object], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Breaks the seeds and reads what comes out, as long as was asked for; nothing else comes into `folder`."""
    seconds = float(os.environ.get("CLOUD_NAS_FUZZ_SECONDS", "1"))
    seed = int(os.environ.get("CLOUD_NAS_FUZZ_SEED", "0")) or int(time.time())
    draw = random.Random(seed)
    inside = folder / "inside"
    inside.mkdir()
    until, count, refused = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until:
        content = mutated(seeds, draw)
        path = inside / f"input{suffix}"
        path.write_bytes(content)
        try:
            with bounded():
                read(path)
        except (CloudNasError, EngineError):
            refused += 1
        except BaseException as error:  # noqa: BLE001 - what it is, is what is looked for
            kept = Path(os.environ.get("TMPDIR", "/tmp")) / f"cloud-nas-fuzz-{seed}-{count}{suffix}"
            kept.write_bytes(content)
            pytest.fail(f"{type(error).__name__}: {error}; seed {seed}, input {count}, kept as {kept}")
        count += 1
        assert {one.name for one in folder.iterdir()} == {"inside"}, f"something was written beside; seed {seed}, input {count}"
        for one in inside.iterdir():
            _remove(one)
    with capsys.disabled():
        if seconds > 1:
            print(f"\n{count} inputs in {seconds:.0f} s, {refused} refused; seed {seed}")
    assert refused > 0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for one in path.iterdir():
            _remove(one)
        path.rmdir()
    else:
        path.unlink()


def predicted(folder: Path, name: str) -> bytes:
    about = About("tabular-classification", "ab" * 32, "m", "accuracy", "maximize", ("a", "b"))
    chances = np.asarray([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    names = np.asarray(["a", "b", "a"], dtype=object)
    path = predictions.write(Predictions(about, np.arange(3), names, chances, names), folder / name)
    content = path.read_bytes()
    path.unlink()
    return content


def test_archives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = archive()
    limits = unpacking.Limits(members=1000, bytes=1 << 24, bytes_before_ratio=1 << 22)

    def read(path: Path) -> None:
        packed = path.with_suffix(".gz")
        content = path.read_bytes()
        packed.write_bytes(content if content[:2] == b"\x1f\x8b" else gzip.compress(content, 1))  # what is inside is broken, too
        made = path.with_name("made")
        unpacking.unpack(packed, made, limits=limits)

    feed([plain, plain, gzip.compress(plain)], ".tar", read, tmp_path, capsys)


def test_model_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed([keras_file()], ".keras", scanning.scan_keras, tmp_path, capsys)


def test_the_inside_of_model_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The members broken, the archive around them whole."""
    with zipfile.ZipFile(io.BytesIO(keras_file())) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    seeds = [name.encode() + b"\n" + content for name, content in members.items()]

    def read(path: Path) -> None:
        name, _, content = path.read_bytes().partition(b"\n")
        chosen = name.decode("latin-1") if name.decode("latin-1") in members else "config.json"
        packed = path.with_suffix(".keras")
        with zipfile.ZipFile(packed, "w") as zipped:
            for one, whole in members.items():
                zipped.writestr(one, content if one == chosen else whole)
        scanning.scan_keras(packed)

    feed(seeds, ".member", read, tmp_path, capsys)


def test_specs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed([SPEC], ".yaml", load, tmp_path, capsys)


@pytest.mark.parametrize("name", ["x.parquet", "x.csv"])
def test_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    about = About("tabular-classification", "ab" * 32, "", "accuracy", "maximize", ("a", "b"))
    labels = np.asarray(["a", "b", "a"], dtype=object)

    def read(path: Path) -> None:
        if path.suffix == ".parquet":
            predictions.read(path)
        if outside.is_outside(path):
            outside.read(path, about, np.arange(3), labels)

    feed([predicted(tmp_path, name)], Path(name).suffix, read, tmp_path, capsys)


def test_a_reader_that_crashes_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fuzzer itself can fail."""

    def read(path: Path) -> None:
        if zlib.crc32(path.read_bytes()) % 7 == 0:
            raise IndexError("a defect")
        raise EngineError("refused")

    with pytest.raises(pytest.fail.Exception, match="IndexError"):
        feed([b"anything at all"], ".bin", read, tmp_path, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["archives", "configs", "specs"])
def test_a_fuzzer_that_follows_the_code_finds_nothing(name: str, tmp_path: Path) -> None:
    """Atheris, for readers that take bytes apart in Python."""
    pytest.importorskip("atheris")
    seconds = os.environ.get("CLOUD_NAS_FUZZ_SECONDS", "10")
    command = [sys.executable, str(ROOT / "tests" / "fuzz" / "guided.py"), name, seconds]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
