"""Uploads: a large file goes in parts, goes on where it broke off, and takes no more memory for being large."""

from __future__ import annotations

import hashlib
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.errors import RefusedError
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.sagemaker import uploads
from cloud_nas.targets.sagemaker.client import Client

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

MIB = 2**20


class Killed(BaseException):
    """The process ended here."""


def upload_of(cloud: StandIn, path: Path) -> Upload:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Upload(str(path), f"s3://{cloud.bucket}/cloud-nas/data/{sha256}/{path.name}", path.stat().st_size, sha256)


def counting(patch: pytest.MonkeyPatch, *, last: int | None = None) -> list[str]:
    """The operations that are called from now on; the process ends after the part of number `last`."""
    seen: list[str] = []
    real: Callable[..., Any] = Client.call

    def call(client: Client, service: str, operation: str, **body: Any) -> Any:
        found = real(client, service, operation, **body)
        seen.append(operation)
        if last is not None and seen.count("UploadPart") == last:
            raise Killed
        return found

    patch.setattr(Client, "call", call)
    return seen


def test_a_broken_upload_goes_on_without_sending_its_parts_again(
    cloud: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGE", 8 * MIB)
    monkeypatch.setattr(uploads, "PART", 5 * MIB)
    path = tmp_path / "rows.bin"
    path.write_bytes(b"".join(bytes([number]) * MIB for number in range(18)))
    one, place, client = upload_of(cloud, path), {"role": cloud.role}, Client(cloud.region)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        counting(patch, last=3)
        uploads.upload(client, place, [one])
    with monkeypatch.context() as patch:
        seen = counting(patch)
        uploads.upload(client, place, [one])
    assert seen.count("UploadPart") == 1 and seen.count("CreateMultipartUpload") == 0
    assert cloud.storage.get(one.destination) == path.read_bytes()
    with monkeypatch.context() as patch:
        seen = counting(patch)
        uploads.upload(client, place, [one])
    assert not [each for each in seen if each.startswith(("Put", "Upload", "Create"))]


def test_a_file_that_changed_since_the_plan_is_not_sent(cloud: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "rows.bin"
    path.write_bytes(b"as planned")
    one = upload_of(cloud, path)
    path.write_bytes(b"otherwise!")
    with pytest.raises(RefusedError, match="not the file that the plan lists"):
        uploads.upload(Client(cloud.region), {"role": cloud.role}, [one])
    assert one.destination not in cloud.storage.keys(f"s3://{cloud.bucket}/")


def test_many_files_are_looked_at_some_at_once(cloud: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [upload_of(cloud, path) for path in _written(tmp_path, 12)]
    uploads.upload(Client(cloud.region), {"role": cloud.role}, files)
    together = threading.Barrier(4)
    real: Callable[..., Any] = Client.call

    def call(client: Client, service: str, operation: str, **body: Any) -> Any:
        assert operation in ("ListObjectsV2", "HeadObject"), "all is there"
        if operation == "HeadObject":
            together.wait(timeout=30)
        return real(client, service, operation, **body)

    monkeypatch.setattr(Client, "call", call)
    uploads.upload(Client(cloud.region), {"role": cloud.role}, files)


def _written(folder: Path, count: int) -> list[Path]:
    """So many small files, each with a content of its own."""
    paths = [folder / f"{number}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"file {number}")
    return paths


@pytest.mark.slow
def test_a_gigabyte_is_sent_in_constant_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own memory: what AWS would be is replaced by a hole, because the stand-in keeps what it gets."""
    path = tmp_path / "rows.bin"
    with path.open("wb") as file:
        file.truncate(1024 * MIB)
    answers = {"HeadObject": {"ContentLength": 1024 * MIB}, "CreateMultipartUpload": {"UploadId": "1"}}

    def call(client: Client, service: str, operation: str, **body: Any) -> Any:
        return answers.get(operation, {"ETag": '"0"'})

    monkeypatch.setattr(Client, "call", call)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    tracemalloc.start()
    uploads.upload(Client("eu-west-1"), {}, [Upload(str(path), f"s3://bucket/data/{sha256}/rows.bin", 1024 * MIB, sha256)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * MIB
