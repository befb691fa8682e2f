"""Files into the bucket: each under a key of its content, sent once, checked by hash, and gone on with where it broke off.

Large files are sent in parts. A process that is killed leaves the parts that arrived, and the next one sends only the others.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cloud_nas.errors import RefusedError
from cloud_nas.files import in_words
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.sagemaker import naming
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from cloud_nas.targets.sagemaker.objects import owner
from cloud_nas.targets.sending import LARGE, PART, each, folder_of, pieces, require_same

_MOST_PARTS = 10_000
"""How many parts S3 takes; they are larger where a file would have more."""

_MARK = "sha256"


def upload(
    client: Client, place: Mapping[str, Any], uploads: Sequence[Upload], *, note: Callable[[str], None] = lambda text: None
) -> None:
    """Sends what is not there yet.

    Args:
        client: of the bucket's region.
        place: of the plan: the bucket's owner and key.
        uploads: of the plan.
        note: told of what is sent.

    Raises:
        RefusedError: a file is not the one that the plan lists.
    """
    missing = _missing(client, place, uploads)
    if not missing:
        return
    note(f"uploading {len(missing)} files, {in_words(sum(one.bytes for one in missing))}")
    each(lambda one: _put(client, place, one), [one for one in missing if one.bytes < LARGE])
    for one in missing:
        if one.bytes >= LARGE:
            _put_parts(client, place, one)


def check_bucket(client: Client, place: Mapping[str, Any]) -> None:
    """Ends here where the bucket is not there, is somebody else's, or is in another region, where a job would fail in the end.

    Raises:
        RefusedError: so it is.
    """
    region = located(client.call("s3", "GetBucketLocation", Bucket=place["bucket"], **owner(place)))
    if region != place["region"]:
        raise RefusedError(
            f"the bucket {place['bucket']} is in {region}, and the jobs are to be in {place['region']}",
            hint="name another bucket, or another region, under targets.sagemaker",
            code="CN505",
        )


def located(answer: Mapping[str, Any]) -> str:
    """The region of a bucket, from GetBucketLocation, which a policy may allow alone; HeadBucket takes the right to list it."""
    location = answer.get("LocationConstraint") or "us-east-1"
    return "eu-west-1" if location == "EU" else str(location)


def _missing(client: Client, place: Mapping[str, Any], uploads: Sequence[Upload]) -> list[Upload]:
    """What is not there, or is not whole."""
    sizes = _sizes(client, place, uploads)
    there = [one for one in uploads if sizes.get(one.destination) == one.bytes]
    whole = each(lambda one: _is_whole(client, place, one), there)
    good = {one.destination for one, is_whole in zip(there, whole, strict=True) if is_whole}
    return [one for one in uploads if one.destination not in good]


def _sizes(client: Client, place: Mapping[str, Any], uploads: Sequence[Upload]) -> dict[str, int]:
    """The size of each object that is there under the folders that are sent to."""
    found: dict[str, int] = {}
    for folder in sorted({folder_of(one.destination) for one in uploads}):
        bucket, prefix = naming.split_uri(folder)
        for page in client.pages("s3", "ListObjectsV2", Bucket=bucket, Prefix=prefix, **owner(place)):
            found |= {f"s3://{bucket}/{one['Key']}": int(one["Size"]) for one in page.get("Contents", ())}
    return found


def _is_whole(client: Client, place: Mapping[str, Any], one: Upload) -> bool:
    """Whether the object is the file, by the hash that was stored with it when it was whole."""
    bucket, key = naming.split_uri(one.destination)
    try:
        found = client.call("s3", "HeadObject", Bucket=bucket, Key=key, **owner(place))
    except ServiceError as error:
        if error.service_code in ("404", "NoSuchKey", "NotFound"):
            return False
        raise
    return bool(found.get("Metadata", {}).get(_MARK) == one.sha256)


def _put(client: Client, place: Mapping[str, Any], one: Upload) -> None:
    content = Path(one.source).read_bytes()
    require_same(one, hashlib.sha256(content).hexdigest())
    bucket, key = naming.split_uri(one.destination)
    client.call(
        "s3",
        "PutObject",
        Bucket=bucket,
        Key=key,
        Body=content,
        ChecksumSHA256=_encoded(bytes.fromhex(one.sha256)),
        Metadata={_MARK: one.sha256},
        **_encryption(place),
        **owner(place),
    )


def _put_parts(client: Client, place: Mapping[str, Any], one: Upload) -> None:
    """Sends a large file, holding one part in memory at a time."""
    bucket, key = naming.split_uri(one.destination)
    where = {"Bucket": bucket, "Key": key, **owner(place)}
    began = _begun(client, where, one)
    upload_id, there = began or (_begin(client, place, where, one), {})
    size = max(PART, -(-one.bytes // _MOST_PARTS))
    whole, sent = hashlib.sha256(), []
    for number, content in enumerate(pieces(Path(one.source), size), 1):
        whole.update(content)
        checksum = _encoded(hashlib.sha256(content).digest())
        known = there.get(number)
        if known is None or not _is_part(known, content, checksum):
            known = client.call(
                "s3", "UploadPart", **where, UploadId=upload_id, PartNumber=number, Body=content, ChecksumSHA256=checksum
            )
        sent.append({"PartNumber": number, "ETag": known["ETag"], "ChecksumSHA256": checksum})
    try:
        require_same(one, whole.hexdigest())
    except RefusedError:
        client.call("s3", "AbortMultipartUpload", **where, UploadId=upload_id)
        raise
    client.call("s3", "CompleteMultipartUpload", **where, UploadId=upload_id, MultipartUpload={"Parts": sent})
    if int(client.call("s3", "HeadObject", **where)["ContentLength"]) != one.bytes:
        raise RefusedError(f"{one.destination} is not as large as {one.source}", hint="submit again: it is sent anew")


def _begin(client: Client, place: Mapping[str, Any], where: Mapping[str, Any], one: Upload) -> str:
    made = client.call(
        "s3",
        "CreateMultipartUpload",
        **where,
        ChecksumAlgorithm="SHA256",
        Metadata={_MARK: one.sha256},
        **_encryption(place),
    )
    return str(made["UploadId"])


def _begun(client: Client, where: Mapping[str, Any], one: Upload) -> tuple[str, dict[int, Any]] | None:
    """An upload of this file that broke off, and its parts by number. The key names the content, so it is of the same file."""
    owned = {key: value for key, value in where.items() if key != "Key"}
    found = client.call("s3", "ListMultipartUploads", **owned, Prefix=where["Key"])
    ids = [each["UploadId"] for each in found.get("Uploads", ()) if each["Key"] == where["Key"]]
    if not ids:
        return None
    parts: dict[int, Any] = {}
    marker: dict[str, int] = {}
    while True:
        page = client.call("s3", "ListParts", **where, UploadId=ids[-1], **marker)
        parts |= {int(part["PartNumber"]): part for part in page.get("Parts", ())}
        if not page.get("IsTruncated"):
            return str(ids[-1]), parts
        marker = {"PartNumberMarker": int(page["NextPartNumberMarker"])}


def _is_part(known: Mapping[str, Any], content: bytes, checksum: str) -> bool:
    """Whether a part that is there is this one; where the service tells no checksum, by the digest that is its ETag."""
    if known.get("ChecksumSHA256"):
        return bool(known["ChecksumSHA256"] == checksum)
    return bool(known["ETag"].strip('"') == hashlib.md5(content, usedforsecurity=False).hexdigest())


def _encryption(place: Mapping[str, Any]) -> dict[str, str]:
    key = place.get("kms_key")
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}


def _encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
