"""What a container's image lacks, as wheels: known by a lock, so that a plan can list them; fetched when a parcel is sent.

There is a lock for each image that trials run in. It has name, version, file, sha256 and size of each wheel, and which of them go
together. Whoever changes versions in `locks/` makes the locks anew with `python locks/wheels.py`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from cloud_nas.errors import RefusedError
from cloud_nas.package.cache import folder_of
from cloud_nas.package.parcel import ParcelFile
from local_engine.files import read_json, sha256_of

FOLDER = "wheels"
"""The folder in a parcel."""

Need = Literal["optuna", "skops", "keras", "pandas", "scikit-learn"]

_LOCKS = {
    "sagemaker": Path(__file__).with_name("wheels_tensorflow_2_21.json"),
    "vertex": Path(__file__).with_name("wheels_docker_tensorflow_2_21.json"),
}
_LONGEST = 600.0


@functools.cache
def lock(container: str = "sagemaker") -> dict[str, Any]:
    """The lock: `image` (what it is and has), `needs` (package to packages), `wheels` (package to file, sha256, bytes)."""
    found: dict[str, Any] = read_json(_LOCKS[container])
    return found


def needed(needs: Iterable[Need], container: str = "sagemaker") -> tuple[ParcelFile, ...]:
    """The wheels that these packages need in the container's image, ascending by path. What the image has needs none."""
    locked = lock(container)
    names = {name for need in needs for name in locked["needs"].get(need, ())}
    return tuple(sorted((_file(name, locked["wheels"][name]) for name in names), key=lambda one: one.path))


def bring(files: Iterable[ParcelFile], folder: Path) -> None:
    """Puts the wheels among `files` into `folder`, at their paths; what was fetched before is kept and not fetched again.

    They come from the package index that the user's pip asks. Each is checked against its sha256.

    Raises:
        RefusedError: pip is not there, the index cannot be reached, or it has other files under these names.
    """
    wheels = [one for one in files if one.wheel is not None]
    kept = folder_of(FOLDER)
    missing = [one for one in wheels if not _whole(kept / _name(one), one)]
    for image in _LOCKS:
        theirs = [one for one in missing if _image_of(one) == image]
        if theirs:
            _download(theirs, kept, lock(image)["image"])
    for one in wheels:
        if not _whole(folder / one.path, one):
            _put(kept / _name(one), folder / one.path)


def _image_of(one: ParcelFile) -> str:
    """The image that a wheel is for; the first where it is for all."""
    found = (image for image in _LOCKS if _name(one) in {wheel["file"] for wheel in lock(image)["wheels"].values()})
    return next(found, next(iter(_LOCKS)))


def _file(name: str, wheel: Mapping[str, Any]) -> ParcelFile:
    return ParcelFile(f"{FOLDER}/{wheel['file']}", wheel["sha256"], wheel["bytes"], f"{name}=={wheel['version']}")


def _name(one: ParcelFile) -> str:
    return one.path.rpartition("/")[2]


def _whole(path: Path, one: ParcelFile) -> bool:
    return path.is_file() and path.stat().st_size == one.bytes and sha256_of(path) == one.sha256


def _put(source: Path, destination: Path) -> None:
    """A second name for a kept wheel, or a copy where the file system has no such thing."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    temporary = destination.with_name(f".{destination.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        shutil.copyfile(source, temporary)
    temporary.replace(destination)


def _download(missing: Sequence[ParcelFile], kept: Path, image: Mapping[str, Any]) -> None:
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=kept, prefix=".fetching-") as name:
        folder = Path(name)
        (folder / "requirements.txt").write_text("".join(f"{one.wheel} --hash=sha256:{one.sha256}\n" for one in missing))
        failure = _run([sys.executable, "-m", "pip", "download", *_options(image), "-r", "requirements.txt", "-d", "."], folder)
        lacking = [one for one in missing if not _whole(folder / _name(one), one)]
        for one in missing:
            if one not in lacking:
                (folder / _name(one)).replace(kept / _name(one))
    if lacking:
        names = ", ".join(str(one.wheel) for one in lacking)
        raise RefusedError(
            f"the wheels that the container needs could not be fetched: {names}{failure and f' ({failure})'}",
            hint=f"see `pip config list` for the index that is asked; or put {', '.join(map(_name, lacking))} into {kept}",
            code="CN242",
        )


def _options(image: Mapping[str, Any]) -> Iterator[str]:
    yield from ("--no-deps", "--require-hashes", "--only-binary=:all:", "--quiet", "--no-input", "--disable-pip-version-check")
    version = image["python"]
    for platform in image["platforms"]:
        yield f"--platform={platform}"
    yield from (f"--python-version={version}", "--implementation=cp", f"--abi=cp{version.replace('.', '')}")


def _run(command: Sequence[str], folder: Path) -> str:
    """Why the command failed, in its own last words; empty where it did not."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return f"pip did not end within {_LONGEST:g} seconds"
    if done.returncode == 0:
        return ""
    with contextlib.suppress(StopIteration):
        return next(line.removeprefix("ERROR: ") for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR: "))
    return done.stderr.strip().rpartition("\n")[2][:200] or f"pip ended with {done.returncode}"
