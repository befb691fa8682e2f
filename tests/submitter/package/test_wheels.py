"""Wheels that the image lacks: the lock agrees with ours, and what arrives is what the lock says."""

from __future__ import annotations

import hashlib
import re
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest

from cloud_nas.errors import RefusedError
from cloud_nas.package import wheels
from cloud_nas.package.parcel import ParcelFile

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("container", ["sagemaker", "vertex"])
def test_the_lock_has_the_versions_and_hashes_of_ours(container: str) -> None:
    ours = (ROOT / "locks" / "local.txt").read_text()
    for name, wheel in wheels.lock(container)["wheels"].items():
        pin = rf"^{name}=={re.escape(wheel['version'])}(?: ; [^\n]*)? \\\n(.*?)(?=^\S|\Z)"
        block = re.search(pin, ours, re.MULTILINE | re.DOTALL)
        assert block is not None and wheel["sha256"] in block[1], name
        assert wheel["file"].startswith(f"{name.replace('-', '_')}-{wheel['version']}-")


def needs_of(name: str) -> set[str]:
    """What a package asks for, on Linux and without extras."""
    found = set()
    for line in requires(name) or ():
        needed, _, marker = line.partition(";")
        if not any(word in marker for word in ("extra", "python_version", "win32", "Windows", "emscripten")):
            found.add(re.split(r"[^A-Za-z0-9_-]", needed.strip())[0].lower().replace("_", "-"))
    return found


def closure(name: str) -> set[str]:
    """A package and all that comes with it."""
    found, open_ends = set(), [name]
    while open_ends:
        one = open_ends.pop()
        if one not in found:
            found.add(one)
            open_ends += needs_of(one)
    return found


def test_all_that_a_package_needs_is_in_the_image_or_in_the_lock() -> None:
    have = {name.lower() for name in wheels.lock()["image"]["packages"]} | {"scipy"}  # which scikit-learn needs
    for names in wheels.lock()["needs"].values():
        for name in names:
            assert needs_of(name) <= {*names, *have}, name


def test_in_the_public_image_it_is_what_tensorflow_brings_or_what_travels_at_the_same_time() -> None:
    have = closure("tensorflow")
    locked = wheels.lock("vertex")["needs"]
    with_them = {"skops": ("scikit-learn",), "optuna": ()}  # and only with them
    for need, names in locked.items():
        together = {*names, *(other for one in with_them.get(need, ()) for other in locked[one])}
        for name in names:
            assert needs_of(name) <= together | have, name


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes wheels from, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheel(folder: Path, text: str = "") -> ParcelFile:
    """A small wheel in `folder`, as a parcel has it."""
    name = "tinything-1.0-py3-none-any.whl"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("tinything.py", text)
        archive.writestr("tinything-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinything\nVersion: 1.0\n")
        archive.writestr("tinything-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tinything-1.0.dist-info/RECORD", "")
    content = (folder / name).read_bytes()
    return ParcelFile(f"wheels/{name}", hashlib.sha256(content).hexdigest(), len(content), "tinything==1.0")


def test_they_come_from_the_users_index_once(index: Path, tmp_path: Path) -> None:
    one = wheel(index)
    other = ParcelFile("sourcedir.tar.gz", "0" * 64, 3)
    wheels.bring([one, other], tmp_path / "a")
    assert hashlib.sha256((tmp_path / "a" / one.path).read_bytes()).hexdigest() == one.sha256
    (index / "tinything-1.0-py3-none-any.whl").unlink()
    wheels.bring([one], tmp_path / "b")
    assert (tmp_path / "b" / one.path).stat().st_size == one.bytes
    (tmp_path / "b" / one.path).unlink()
    (tmp_path / "b" / one.path).write_bytes(b"torn")
    wheels.bring([one], tmp_path / "b")
    assert (tmp_path / "b" / one.path).stat().st_size == one.bytes


def test_another_file_of_that_name_is_refused(index: Path, tmp_path: Path, home: Path) -> None:
    one = wheel(index)
    wheel(index, "import evil\n")
    with pytest.raises(RefusedError, match=r"could not be fetched: tinything==1\.0 \(.+\)") as raised:
        wheels.bring([one], tmp_path / "a")
    assert raised.value.code == "CN242" and str(home / "cache" / "wheels") in str(raised.value.hint)
    assert not (tmp_path / "a").exists() and not list((home / "cache" / "wheels").iterdir())


def test_one_that_was_put_there_by_hand_is_taken(index: Path, tmp_path: Path, home: Path) -> None:
    one = wheel(index)
    kept = home / "cache" / "wheels"
    kept.mkdir(parents=True)
    (index / "tinything-1.0-py3-none-any.whl").rename(kept / "tinything-1.0-py3-none-any.whl")
    wheels.bring([one], tmp_path / "a")
    assert (tmp_path / "a" / one.path).is_file()


@pytest.mark.slow
@pytest.mark.parametrize("container", ["sagemaker", "vertex"])
def test_the_real_ones_are_there(container: str, tmp_path: Path) -> None:
    needed = wheels.needed(["optuna", "skops", "keras", "pandas", "scikit-learn"], container)
    wheels.bring(needed, tmp_path)
    assert {path.name for path in (tmp_path / "wheels").iterdir()} == {one.path.removeprefix("wheels/") for one in needed}
