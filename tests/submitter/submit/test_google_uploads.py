"""Uploads to Cloud Storage: what is whole there is not sent, a large file goes on, nobody's object is overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.errors import CredentialsError, FailedError, NotFoundError, RefusedError
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.vertex import objects, uploads
from cloud_nas.targets.vertex.storage import Storage

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

MIB = 2**20


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def storage(google: StandIn) -> Storage:
    return Storage({"project": google.project})


def upload_of(google: StandIn, path: Path) -> Upload:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Upload(str(path), f"gs://{google.bucket}/cloud-nas/data/{sha256}/{path.name}", path.stat().st_size, sha256)


def counting(patch: pytest.MonkeyPatch, *, last: int | None = None) -> list[str]:
    """What is written from now on; the process ends after the piece of number `last`."""
    seen: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(Storage, name)

        def call(*given: Any, **named: Any) -> Any:
            found = real(*given, **named)
            seen.append(name)
            if last is not None and seen.count("send") == last:
                raise Killed
            return found

        return call

    for name in ("write", "begin", "send", "arrived"):
        patch.setattr(Storage, name, counted(name))
    return seen


def test_what_is_there_is_not_sent_again_and_what_is_not_whole_is(
    google: StandIn, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(12)]
    for number, path in enumerate(paths):
        path.write_text(f"file {number}")
    files = [upload_of(google, path) for path in paths]
    seen = counting(monkeypatch)
    notes: list[str] = []
    uploads.upload(storage, files, note=notes.append)
    assert seen == ["write"] * 12 and notes == ["uploading 12 files, 74 B"]
    google.storage.put(files[3].destination, b"file 4")  # as long, and not it
    google.storage.remove(files[5].destination)
    uploads.upload(storage, files)
    assert seen == ["write"] * 14
    uploads.upload(storage, files)
    assert seen == ["write"] * 14
    for one, path in zip(files, paths, strict=True):
        assert storage.read(one.destination) == path.read_bytes()
        found = storage.stat(one.destination)
        assert found is not None and found.sha256 == one.sha256


def test_a_broken_upload_goes_on_without_sending_its_pieces_again(
    google: StandIn, storage: Storage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGE", 4 * MIB)
    monkeypatch.setattr(uploads, "PART", MIB)
    path = tmp_path / "rows.bin"
    path.write_bytes(b"".join(bytes([number]) * (MIB // 2) for number in range(19)))
    one = upload_of(google, path)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        counting(patch, last=3)
        uploads.upload(storage, [one])
    assert storage.stat(one.destination) is None
    (kept,) = (home / "cache" / "uploads").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    with monkeypatch.context() as patch:
        seen = counting(patch)
        uploads.upload(storage, [one])
    assert seen == ["arrived", *["send"] * 7]
    assert storage.read(one.destination) == path.read_bytes()
    assert not kept.exists()


def test_an_upload_that_google_forgot_begins_anew(
    google: StandIn, storage: Storage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGE", MIB)
    monkeypatch.setattr(uploads, "PART", MIB)
    path = tmp_path / "rows.bin"
    path.write_bytes(b"x" * (3 * MIB))
    one = upload_of(google, path)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        counting(patch, last=1)
        uploads.upload(storage, [one])
    (kept,) = (home / "cache" / "uploads").iterdir()
    kept.write_text(kept.read_text().replace("upload_id=", "upload_id=gone"))
    uploads.upload(storage, [one])
    assert storage.read(one.destination) == path.read_bytes()


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_a_file_that_changed_since_the_plan_is_not_sent(
    large: bool, google: StandIn, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGE", 1 if large else MIB)
    path = tmp_path / "rows.bin"
    path.write_bytes(b"as planned")
    one = upload_of(google, path)
    path.write_bytes(b"otherwise!")
    with pytest.raises(RefusedError, match="not the file that the plan lists"):
        uploads.upload(storage, [one])
    assert storage.stat(one.destination) is None


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_what_somebody_else_sends_at_the_same_moment_is_not_overwritten(
    large: bool, google: StandIn, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGE", 1 if large else MIB)
    path = tmp_path / "rows.bin"
    path.write_bytes(b"the same")
    one = upload_of(google, path)
    real = Storage.list
    first = [b"the same", b"another!"]

    def list_and_be_overtaken(self: Storage, uri: str) -> Any:
        yield from real(self, uri)
        Storage({"project": google.project}).write(
            one.destination, content, metadata={"sha256": hashlib.sha256(content).hexdigest()}
        )

    monkeypatch.setattr(Storage, "list", list_and_be_overtaken)
    content = first[0]
    uploads.upload(storage, [one])
    google.storage.remove(one.destination)
    content = first[1]
    with pytest.raises(RefusedError, match="by somebody else"):
        uploads.upload(storage, [one])
    assert storage.read(one.destination) == b"another!"


def test_a_bucket_has_to_be_there_and_in_the_jobs_region_alone(
    google: StandIn, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"project": google.project, "location": google.location, "bucket": google.bucket}
    uploads.check_bucket(storage, place)
    with pytest.raises(RefusedError, match="there is no bucket nobodys-bucket") as missing:
        uploads.check_bucket(storage, place | {"bucket": "nobodys-bucket"})
    with pytest.raises(RefusedError, match=f"is in {google.location}, and the jobs are to be in europe-north1") as elsewhere:
        uploads.check_bucket(storage, place | {"location": "europe-north1"})
    monkeypatch.setattr(Storage, "bucket", lambda self, name: {"location": "eu", "locationType": "multi-region"})
    with pytest.raises(RefusedError, match="in more than one region") as many:
        uploads.check_bucket(storage, place)
    assert [one.value.code for one in (missing, elsewhere, many)] == ["CN505"] * 3

    def denied(self: Storage, name: str) -> dict[str, str]:
        raise CredentialsError("Google does not allow storage.buckets.get", code="CN506")

    monkeypatch.setattr(Storage, "bucket", denied)
    notes: list[str] = []
    uploads.check_bucket(storage, place, note=notes.append)
    assert len(notes) == 1 and "was not checked" in notes[0]


def test_objects_are_read_whole_listed_and_deleted(
    google: StandIn, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud_nas.targets.vertex.storage.PIECE", 1000)
    root = f"gs://{google.bucket}/runs/r-1/1"
    content = bytes(range(256)) * 20
    for number in range(30):
        google.storage.put(f"{root}/{number:02d}:é.json", b'{"a": 1}')
    google.storage.put(f"{root}/big", content)
    google.storage.put(f"{root}/empty", b"")
    assert storage.read(f"{root}/big") == content and storage.read(f"{root}/empty") == b""
    assert storage.read(f"{root}/none") is None and storage.read_json(f"{root}/big") is None
    assert storage.read_json(f"{root}/03:é.json") == {"a": 1}
    with pytest.raises(FailedError, match="are not downloaded"):
        storage.read(f"{root}/big", limit=100)
    assert storage.download(f"{root}/big", tmp_path / "big").read_bytes() == content
    with pytest.raises(NotFoundError):
        storage.download(f"{root}/none", tmp_path / "none")
    found = list(storage.list(f"{root}/"))
    assert len(found) == 32 and sum(one.bytes for one in found) == len(content) + 30 * 8
    changed = next(one for one in found if one.uri.endswith("/big"))
    google.storage.put(changed.uri, b"new")
    with pytest.raises(FailedError, match="was replaced"):
        storage.fetch(changed, tmp_path / "changed")
    for one in storage.list(f"{root}/"):
        storage.delete(one)
        storage.delete(one)
    assert list(storage.list(f"{root}/")) == []
    assert list(tmp_path.glob("*.tmp")) == [] and objects.SMALL < objects.LARGEST
