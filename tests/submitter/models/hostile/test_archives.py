"""Archives of strangers: one for each advisory about unpacking, each refused with its own message, and not a byte beside it."""

from __future__ import annotations

import gzip
import io
import random
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_nas.errors import CloudNasError, RefusedError
from cloud_nas.models.unpacking import Limits, unpack

from .conftest import archive, member, raw

LINK, HARD, DEVICE, PIPE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE
DEEP = "a" * 120


def _chain(path: Path) -> Path:
    """Links whose resolved name is longer than the system takes, the last of which leads out (CVE-2025-4517)."""
    members, at = [], ""
    for letter in "abcdefghijklmnop":
        members.append(member(f"{at}{DEEP}", b"", type=tarfile.DIRTYPE))
        members.append(member(f"{at}{letter}", b"", type=LINK, linkname=DEEP))
        at += f"{letter}/"
    members += [member(f"{at}out", b"", type=LINK, linkname="../" * 17), member("out/evil")]
    return archive(path, *members)


def _negative(path: Path) -> Path:
    """A size below zero, which sent a reader back to where it was for ever (CVE-2025-8194)."""
    return raw(path, lambda content: content.__setitem__(slice(124, 136), b"\xff" * 12))


def _sparse(path: Path) -> Path:
    """A file with holes: a few bytes that say they are many."""
    headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "model.keras",
        "GNU.sparse.realsize": str(2**50),
    }
    return archive(path, member("model.keras", b"1\n0\n5\n", pax_headers=headers))


def _long_header(path: Path) -> Path:
    return archive(path, member("model.keras", pax_headers={"comment": "x" * 2**21}))


def _bomb(path: Path) -> Path:
    return archive(path, member("model.keras", bytes(8 * 2**20)))


def _many(path: Path) -> Path:
    return archive(path, *(member(str(number), b"") for number in range(1001)))


def _goes_on(path: Path) -> Path:
    """A second archive behind the end of the first, which other readers see."""
    archive(path, member("model.keras"))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) * 2))
    return path


def _cut(path: Path) -> Path:
    archive(path, member("model.keras", random.Random(1).randbytes(10_000)))
    path.write_bytes(path.read_bytes()[:-3000])
    return path


def _wrong_sum(path: Path) -> Path:
    content = bytearray(gzip.decompress(archive(path, member("model.keras")).read_bytes()))
    content[0] ^= 1
    return _bytes(path, gzip.compress(bytes(content)))


def _of(*members: Any, **changes: Any) -> Callable[[Path], Path]:
    return lambda path: archive(path, *members, **changes)


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "CVE-2007-4559, GHSA-hqp4-2352-xf5r: a name climbs": (_of(member("../../evil")), "leads out of the folder"),
    "CVE-2025-12060: an absolute name": (_of(member("/tmp/evil")), "leads out of the folder"),
    "a climb in the middle": (_of(member("code/../../evil")), "leads out of the folder"),
    "CVE-2025-4517: a chain of links": (_chain, "it holds a link"),
    "CVE-2025-4330: a link out, then a file through it": (
        _of(member("code", b"", type=LINK, linkname="/tmp"), member("code/evil")),
        "'code' is a link",
    ),
    "CVE-2025-4138: a link whose target climbs": (_of(member("code", b"", type=LINK, linkname="x/../../..")), "'code' is a link"),
    "CVE-2025-12638: a hard link to what is there": (
        _of(member("a", b"", type=HARD, linkname="/etc/passwd")),
        "'a' is a hard link",
    ),
    "CVE-2025-8194: a negative size": (_negative, "a number in it is none"),
    "a device": (_of(member("tty", b"", type=DEVICE)), "'tty' is a device"),
    "a pipe": (_of(member("pipe", b"", type=PIPE)), "'pipe' is a pipe"),
    "an unknown kind": (_of(member("odd", b"", type=b"Z")), "of an unknown kind"),
    "holes": (_sparse, "a file with holes"),
    "a name that takes megabytes": (_long_header, "a name in it takes"),
    "a name for all members": (
        lambda path: _renaming_all(path),
        "it names all members at once",
    ),
    "twice": (_of(member("model.keras"), member("model.keras", b"other")), "two members are called 'model.keras'"),
    "two spellings": (_of(member("model.keras"), member("MODEL.keras")), "one name on some disks"),
    "two normal forms": (_of(member("caf\u00e9"), member("cafe\u0301")), "one name on some disks"),
    "a file that is a folder": (_of(member("a"), member("a/b")), "is a file and a folder"),
    "a backslash": (_of(member("code\\..\\..\\evil")), "not a plain name"),
    "a stream of another file": (_of(member("model.keras:evil")), "not a plain name"),
    "a terminal's commands": (_of(member("\x1b[2J")), "not a plain name"),
    "a name that ends in a dot": (_of(member("model.keras.")), "not a plain name"),
    "a name without letters": (_of(member("./.")), "a member has no name"),
    "a name that is too long": (_of(member("a" * 250)), "is too long"),
    "too deep": (_of(member("a/" * 40 + "b")), "is too long"),
    "a name that is no text": (
        lambda path: raw(path, lambda content: content.__setitem__(slice(0, 2), b"\xff\xfe")),
        "is not UTF-8",
    ),
    "#23101: a bomb": (_bomb, "more than 50 times its size"),
    "too large": (_of(member("a", random.Random(2).randbytes(11 * 2**20))), "larger than 10485760 bytes"),
    "too many": (_many, "more than 1000 members"),
    "cut short": (_cut, "it is no gzip file, or damaged"),
    "goes on after its end": (_goes_on, "it goes on after its end"),
    "no archive": (lambda path: _bytes(path, gzip.compress(b"x" * 2000)), "it is no tar archive"),
    "a wrong sum": (_wrong_sum, "it is no tar archive, or damaged"),
    "no gzip": (lambda path: _bytes(path, b"\x80\x04cos\nsystem\n."), "it is no gzip file"),
    "nothing": (lambda path: _bytes(path, b""), "it is cut short"),
}
LIMITS = Limits(members=1000, bytes=10 * 2**20, ratio=50, bytes_before_ratio=2**20)


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _renaming_all(path: Path) -> Path:
    with tarfile.open(path, "w:gz", pax_headers={"path": "../../evil"}) as tar:
        info, content = member("model.keras")
        tar.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(tmp_path: Path, written: list[str], name: str) -> None:
    make, message = HOSTILE[name]
    path = make(tmp_path / "model.tar.gz")
    place = tmp_path / "inside"
    place.mkdir()
    written.clear()
    with pytest.raises(RefusedError) as error:
        unpack(path, place / "artifact", limits=LIMITS)
    assert message in error.value.message and error.value.message.startswith("model.tar.gz is refused: ")
    assert error.value.exit_status == 9 and "\x1b" not in error.value.message
    assert list(place.iterdir()) == [] and {path.name for path in tmp_path.iterdir()} == {"inside", "model.tar.gz"}
    strays = [each for each in written if Path(each).is_absolute() and not Path(each).is_relative_to(place)]
    assert strays == []


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_an_honest_archive_is_unpacked_for_its_owners_eyes_only(tmp_path: Path, format: int) -> None:
    long = f"code/{'b' * 90}/{'c' * 60}.py"
    members = [member("./", b"", type=tarfile.DIRTYPE), member("./model.keras", b"k" * 1000, mode=0o4777), member(long, b"long")]
    found = unpack(archive(tmp_path / "a.tar.gz", *members, format=format), tmp_path / "made" / "artifact")
    folder = tmp_path / "made" / "artifact"
    assert found == ("model.keras", long)
    assert (folder / "model.keras").read_bytes() == b"k" * 1000 and (folder / long).read_bytes() == b"long"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*")) if path.is_dir()}
    assert modes == {0o700} and stat.S_IMODE((folder / "model.keras").stat().st_mode) == 0o600
    assert [path.name for path in folder.parent.iterdir()] == ["artifact"]
    with pytest.raises(RefusedError, match="is there already"):
        unpack(tmp_path / "a.tar.gz", folder)


NAMES = st.lists(st.text("abcXYZ09_-", min_size=1, max_size=60), min_size=1, max_size=5).map("/".join)


@settings(max_examples=30, deadline=None)
@given(
    files=st.dictionaries(NAMES, st.binary(max_size=1500), max_size=6),
    format=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_what_is_packed_is_unpacked(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], format: int) -> None:
    folder = tmp_path_factory.mktemp("a")
    path = archive(folder / "a.tar.gz", *(member(name, content) for name, content in files.items()), format=format)
    try:
        found = unpack(path, folder / "b")
    except RefusedError as error:
        assert "one name on some disks" in error.message or "is a file and a folder" in error.message
        return
    assert {name: (folder / "b" / name).read_bytes() for name in found} == files


def test_an_archive_changed_anywhere_is_refused_or_unpacked_inside(tmp_path: Path) -> None:
    plain = gzip.decompress(archive(tmp_path / "a.tar.gz", member("model.keras", b"k" * 600), member(DEEP, b"x")).read_bytes())
    chance = random.Random(3)
    for _ in range(200):
        content = bytearray(plain)
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        (tmp_path / "b.tar.gz").write_bytes(gzip.compress(bytes(content), 1))
        try:
            unpack(tmp_path / "b.tar.gz", tmp_path / "b", limits=LIMITS)
            shutil.rmtree(tmp_path / "b")
        except CloudNasError:
            pass
        assert {path.name for path in tmp_path.iterdir()} == {"a.tar.gz", "b.tar.gz"}
