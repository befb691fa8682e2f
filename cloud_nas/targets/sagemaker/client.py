"""The only file that talks to AWS: one door for every call, with AWS's errors in our words. Imports boto3 when it is used."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from typing import Any

from cloud_nas.errors import MissingExtraError
from cloud_nas.targets.environment import number
from cloud_nas.targets.sagemaker.pacing import LIMITER
from cloud_nas.targets.sagemaker.refusals import ServiceError, explained

__all__ = ["Client", "ServiceError", "default_region", "service_model"]

_READS = ("Describe", "List", "Get", "Head", "Search", "BatchGet")
"""How operations begin that may be repeated at will."""

_REPEATABLE = ("PutObject", "UploadPart", "DeleteObject", "DeleteObjects", "Stop", "AbortMultipartUpload")
"""Others that may: the second time changes nothing."""

_TRIES = 10
_INSTALL = 'pip install "cloud-nas[sagemaker]"'


class Client:
    """Calls to the services of one region. Credentials and endpoints are AWS's own: environment, profile, SSO.

    Args:
        region: such as `eu-west-1`; None: of AWS's own configuration.

    Raises:
        MissingExtraError: boto3 is not installed.
        CredentialsError: the profile that is asked for is not there.
    """

    def __init__(self, region: str | None = None) -> None:
        boto3 = _boto3()
        with explained("sts", "GetCallerIdentity", None):
            self._session = boto3.session.Session(region_name=region, botocore_session=_session())
        self.region: str | None = self._session.region_name
        self._clients: dict[tuple[str, bool], Any] = {}

    def call(self, service: str, operation: str, **body: Any) -> dict[str, Any]:
        """One call, by AWS's own names: `call("sagemaker", "DescribeTrainingJob", TrainingJobName="r-7k2xq-1")`.

        Reads are retried with backoff where AWS is busy; creates are sent once.

        Raises:
            CredentialsError: nobody is logged in, the login has expired, or it is not allowed.
            UnreachableError: AWS did not answer, or was too busy again and again.
            RefusedError: a quota, or a bucket that is not there or elsewhere.
            UsageError: there is no such region, or none is named.
            ServiceError: anything else that AWS says; `service_code` has its word.
        """
        from botocore import xform_name

        LIMITER.wait(service, operation)
        with explained(service, operation, self.region):
            client = self._client(service, repeat=operation.startswith((*_READS, *_REPEATABLE)))
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**body)
            return answer

    def pages(self, service: str, operation: str, **body: Any) -> Iterator[dict[str, Any]]:
        """Every page of a list, empty ones too: AWS cuts pages before it filters."""
        token: dict[str, Any] = {}
        while True:
            page = self.call(service, operation, **body, **token)
            yield page
            following = _next(page)
            if following is None or following == token:
                return
            token = following

    def _client(self, service: str, *, repeat: bool) -> Any:
        known = self._clients.get((service, repeat))
        if known is None:
            from botocore.config import Config

            tries = int(number("AWS_MAX_ATTEMPTS", _TRIES, least=1)) if repeat else 1
            config = Config(
                retries={"mode": "standard", "total_max_attempts": tries},
                connect_timeout=10,
                read_timeout=60,
                user_agent_extra="cloud-nas",
                s3={"addressing_style": "path"} if _is_redirected(self._session) else {},
            )
            known = self._clients[service, repeat] = self._session.client(service, config=config)
        return known


def default_region() -> str | None:
    """The region of AWS's own configuration (environment, profile); sends nothing."""
    with explained("sts", "GetCallerIdentity", None):
        region: str | None = _boto3().session.Session().region_name
    return region


def service_model(service: str) -> Any:
    """Botocore's model of a service; needs no credentials and no network."""
    _boto3()
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def _next(page: dict[str, Any]) -> dict[str, Any] | None:
    """What asks for the page behind this one; None: it is the last."""
    if page.get("NextToken"):
        return {"NextToken": page["NextToken"]}
    if page.get("nextToken"):
        return {"nextToken": page["nextToken"]}
    if page.get("NextContinuationToken"):
        return {"ContinuationToken": page["NextContinuationToken"]}
    if page.get("PaginationToken"):
        return {"PaginationToken": page["PaginationToken"]}
    return None


def _is_redirected(session: Any) -> bool:
    """Whether S3 is somewhere else than at AWS, where a bucket need not be a host of its own."""
    return bool(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"))


def _session() -> Any:
    """A session that logs in anew; what botocore knows of the services is read from the disk once a process."""
    import botocore.session

    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    return session


@functools.cache
def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader(os.environ.get("AWS_DATA_PATH"))


def _boto3() -> Any:
    try:
        import boto3
    except ImportError as error:
        raise MissingExtraError("AWS needs boto3, not installed", hint=_INSTALL) from error
    return boto3
