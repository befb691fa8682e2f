"""What a run left in the bucket that is its own: everything below its folder. What runs share by content is not among it."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.errors import RefusedError
from cloud_nas.targets.remote import Left, Remote
from cloud_nas.targets.sagemaker import naming
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from cloud_nas.targets.sagemaker.objects import owner

_AT_ONCE = 1000


def left(remote: Remote) -> list[Left]:
    """The objects of all attempts at the run: results, checkpoints, answers."""
    client = Client(remote.place["region"])
    bucket, prefix = naming.split_uri(_folder(remote))
    pages = client.pages("s3", "ListObjectsV2", Bucket=bucket, Prefix=prefix, **owner(remote.place))
    return [Left(f"s3://{bucket}/{one['Key']}", int(one["Size"])) for page in pages for one in page.get("Contents", ())]


def remove(remote: Remote, left: Sequence[Left]) -> None:
    """Deletes objects below the run's folder.

    Raises:
        RefusedError: one of them is not there; then none is deleted.
        ServiceError: AWS did not delete all.
    """
    folder = _folder(remote)
    strange = [one.uri for one in left if not one.uri.startswith(folder)]
    if strange:
        raise RefusedError(f"{strange[0]} is not in {folder}, so it is not deleted")
    client = Client(remote.place["region"])
    for start in range(0, len(left), _AT_ONCE):
        keys = [{"Key": naming.split_uri(one.uri)[1]} for one in left[start : start + _AT_ONCE]]
        asked = {"Bucket": remote.place["bucket"], "Delete": {"Objects": keys, "Quiet": True}, **owner(remote.place)}
        failed = client.call("s3", "DeleteObjects", **asked).get("Errors", ())
        if failed:
            first = failed[0]
            raise ServiceError(
                f"{len(failed)} objects were not deleted: {first.get('Message')}", service_code=str(first.get("Code"))
            )


def _folder(remote: Remote) -> str:
    return f"{naming.root(remote.place)}runs/{remote.run_id}/"
