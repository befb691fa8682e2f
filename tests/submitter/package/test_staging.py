"""Sources in a bucket: copied once, fetched again where they changed, and taken as they are where nobody can be asked."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.errors import CredentialsError, NotFoundError, RefusedError, UnreachableError
from cloud_nas.operations._staging import stage, staged
from local_engine.definition import Data, Definition, ModelSpace, Objective, Search, Split

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


@pytest.fixture
def s3(cloud: StandIn) -> Any:
    import boto3

    client = boto3.client("s3", region_name=cloud.region)
    client.create_bucket(Bucket="mine", CreateBucketConfiguration={"LocationConstraint": cloud.region})
    return client


def put(s3: Any, key: str, text: str) -> None:
    s3.put_object(Bucket="mine", Key=key, Body=text.encode())


def test_a_file_is_copied_once_and_again_when_it_changed(s3: Any) -> None:
    put(s3, "a/rows.csv", "a,y\n1,0\n")
    path = Path(stage("s3://mine/a/rows.csv"))
    assert path.name == "rows.csv" and path.read_text() == "a,y\n1,0\n" and path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_mtime_ns
    assert stage("s3://mine/a/rows.csv") == str(path) and path.stat().st_mtime_ns == before
    put(s3, "a/rows.csv", "a,y\n1,1\n")
    assert Path(stage("s3://mine/a/rows.csv")).read_text() == "a,y\n1,1\n"
    path.write_text("torn")
    assert Path(stage("s3://mine/a/rows.csv")).read_text() == "a,y\n1,1\n"


def test_a_folder_is_what_is_in_the_bucket_now(s3: Any) -> None:
    for key in ("photos/cat/1.txt", "photos/cat/2.txt", "photos/dog/1.txt", "photos-of-others/1.txt", "photos/"):
        put(s3, key, key)

    def found() -> dict[str, str]:
        path = Path(stage("s3://mine/photos/"))
        assert path.name == "photos"
        return {one.relative_to(path).as_posix(): one.read_text() for one in path.rglob("*") if one.is_file()}

    assert found() == {name: f"photos/{name}" for name in ("cat/1.txt", "cat/2.txt", "dog/1.txt")}
    s3.delete_object(Bucket="mine", Key="photos/cat/1.txt")
    put(s3, "photos/cat/2.txt", "new")
    assert found() == {"cat/2.txt": "new", "dog/1.txt": "photos/dog/1.txt"}


def test_where_there_is_nothing_it_says_so(s3: Any) -> None:
    put(s3, "a/b", "x")
    for uri in ("s3://mine/a", "s3://mine/none/"):
        with pytest.raises(NotFoundError, match=f"nothing at {uri}") as raised:
            stage(uri)
        assert "ends with /" in str(raised.value.hint)
    with pytest.raises(RefusedError):
        stage("s3://nobodys-bucket/a/")


@pytest.mark.parametrize("key", ["photos/../../escape", "photos//x", "photos/a\\b"])
def test_a_key_that_is_no_path_is_refused_and_nothing_is_written(s3: Any, home: Path, key: str) -> None:
    put(s3, key, "x")
    with pytest.raises(RefusedError, match="is no name for a file"):
        stage("s3://mine/photos/")
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_an_older_copy_is_taken_where_the_bucket_cannot_be_asked(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(s3, "rows.csv", "a,y\n")
    path = stage("s3://mine/rows.csv")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    notes: list[str] = []
    assert stage("s3://mine/rows.csv", note=lambda note: notes.append(note.message)) == path
    assert len(notes) == 1 and "the copy that was made before is taken" in notes[0]
    with pytest.raises(UnreachableError):
        stage("s3://mine/other.csv")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(CredentialsError):
        stage("s3://mine/other.csv")


def test_a_definition_keeps_what_is_not_in_a_bucket(s3: Any, tmp_path: Path) -> None:
    data = Data("builtin:digits")
    one = Definition(
        "a", "image-classification", data, Objective("accuracy", "maximize"), ModelSpace(None, "f"), Search("random")
    )
    assert staged(one) is one
    put(s3, "held.csv", "a,y\n")
    local = dataclasses.replace(one, data=Data(str(tmp_path), split=Split(test="s3://mine/held.csv")))
    found = staged(local).data
    assert found.source == str(tmp_path) and Path(str(found.split.test)).read_text() == "a,y\n"
