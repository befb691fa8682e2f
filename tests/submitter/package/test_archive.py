"""The archive: the same content gives the same bytes, and whoever unpacks archives reads it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_nas.package.archive import write_archive

NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=90), min_size=1, max_size=4)
CONTENTS = st.dictionaries(
    NAMES.filter(lambda parts: not {".", ".."} & set(parts)).map("/".join), st.binary(max_size=300), max_size=6
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=CONTENTS)
def test_it_holds_what_went_in_whatever_the_order(tmp_path: Path, contents: dict[str, bytes]) -> None:
    path = tmp_path / "a.tar.gz"
    write_archive(path, contents)
    first = path.read_bytes()
    write_archive(path, dict(reversed(contents.items())))
    assert path.read_bytes() == first
    with tarfile.open(fileobj=io.BytesIO(first), mode="r:gz") as archive:
        members = archive.getmembers()
        read = {one.name: archive.extractfile(one) for one in members}
        assert {name: file.read() if file else None for name, file in read.items()} == contents
    assert [one.name for one in members] == sorted(contents)
    assert {(one.uid, one.gid, one.mtime, one.mode, one.isreg()) for one in members} <= {(0, 0, 0, 0o644, True)}


def test_its_bytes_are_those_of_every_machine(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.tar.gz", {"b/c.py": b"x = 1\n" * 20_000, "a.py": b""})
    assert hashlib.sha256((tmp_path / "a.tar.gz").read_bytes()).hexdigest() == PINNED


PINNED = "824acb1cf705c1e493b0936db25be6252e3cf194a85e07f050dc15bd9edc2fce"
