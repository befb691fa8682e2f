"""Sources in a bucket of Google's: copied once, fetched again where they changed, taken as they are where nobody can be asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cloud_nas.errors import NotFoundError, RefusedError, UnreachableError
from cloud_nas.operations._staging import stage

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn


def put(google: StandIn, key: str, text: str) -> str:
    uri = f"gs://{google.bucket}/{key}"
    google.storage.put(uri, text.encode())
    return uri


def test_a_file_is_copied_once_and_again_when_it_changed(google: StandIn) -> None:
    uri = put(google, "a/rows.csv", "a,y\n1,0\n")
    path = Path(stage(uri))
    assert path.name == "rows.csv" and path.read_text() == "a,y\n1,0\n" and path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_mtime_ns
    assert stage(uri) == str(path) and path.stat().st_mtime_ns == before
    put(google, "a/rows.csv", "a,y\n1,1\n")
    assert Path(stage(uri)).read_text() == "a,y\n1,1\n"
    path.write_text("torn")
    assert Path(stage(uri)).read_text() == "a,y\n1,1\n"


def test_a_folder_is_what_is_in_the_bucket_now(google: StandIn) -> None:
    for key in ("photos/cat/1.txt", "photos/cat/2.txt", "photos/dog/1.txt", "photos-of-others/1.txt", "photos/"):
        put(google, key, key)

    def found() -> dict[str, str]:
        path = Path(stage(f"gs://{google.bucket}/photos/"))
        return {one.relative_to(path).as_posix(): one.read_text() for one in path.rglob("*") if one.is_file()}

    assert found() == {name: f"photos/{name}" for name in ("cat/1.txt", "cat/2.txt", "dog/1.txt")}
    google.storage.remove(f"gs://{google.bucket}/photos/cat/1.txt")
    put(google, "photos/cat/2.txt", "new")
    assert found() == {"cat/2.txt": "new", "dog/1.txt": "photos/dog/1.txt"}


def test_where_there_is_nothing_it_says_so(google: StandIn) -> None:
    put(google, "a/b", "x")
    for uri in (f"gs://{google.bucket}/a", f"gs://{google.bucket}/none/"):
        with pytest.raises(NotFoundError, match=f"nothing at {uri}") as raised:
            stage(uri)
        assert "ends with /" in str(raised.value.hint)
    with pytest.raises(RefusedError, match="no bucket"):
        stage("gs://nobodys-bucket/a/")


@pytest.mark.parametrize("key", ["photos/../../escape", "photos//x", "photos/a\\b"])
def test_a_name_that_is_no_path_is_refused_and_nothing_is_written(google: StandIn, home: Path, key: str) -> None:
    put(google, key, "x")
    with pytest.raises(RefusedError, match="is no name for a file"):
        stage(f"gs://{google.bucket}/photos/")
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_an_older_copy_is_taken_where_the_bucket_cannot_be_asked(google: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = put(google, "rows.csv", "a,y\n")
    path = stage(uri)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("CLOUD_NAS_GCP_TRIES", "1")
    notes: list[str] = []
    assert stage(uri, note=lambda note: notes.append(note.message)) == path
    assert len(notes) == 1 and "the copy that was made before is taken" in notes[0]
    with pytest.raises(UnreachableError):
        stage(f"gs://{google.bucket}/other.csv")
