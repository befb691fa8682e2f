"""What AWS and boto3 say when a call fails, in our words: what happened, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cloud_nas.errors import CloudNasError, CredentialsError, RefusedError, UnreachableError, UsageError
from cloud_nas.targets.service_error import ServiceError

__all__ = ["ServiceError", "explained", "of_answer"]

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN = {
    "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure",
    "MissingAuthenticationToken", "IncompleteSignature", "InvalidToken",
}  # fmt: skip
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "403", "Forbidden", "OptInRequired"}
_BUSY = {
    "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown",
    "ServiceUnavailable", "ServiceUnavailableException", "InternalError", "InternalFailure", "InternalServerError", "503", "500",
}  # fmt: skip
_OF_BUCKETS = ("HeadBucket", "GetBucketLocation", "ListObjectsV2")
"""Calls about a whole bucket. Where it is another account's, AWS says no more than that they are not allowed."""

_ELSEWHERE = {"PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
_QUOTA = re.compile(r"account-level service limit '(.+?)' is (\S+)")
_LOGIN = "aws sso login, or export AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; cloud-nas doctor aws tells more"


@contextmanager
def explained(service: str, operation: str, region: str | None) -> Iterator[None]:
    """Turns what boto3 raises inside the block into our errors; needs boto3 only where something is raised."""
    try:
        yield
    except CloudNasError:
        raise
    except Exception as error:
        told = _told(error, service, operation, region)
        if told is None:
            raise
        raise told from error


def _told(error: Exception, service: str, operation: str, region: str | None) -> CloudNasError | None:
    """The error in our words; None where it is none of boto3's. They are told apart by name: boto3 is not imported for it."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    text = " ".join(str(error).split())[:400]
    if "ClientError" in kinds:
        return of_answer(getattr(error, "response", {}), service, operation, region)
    if kinds & {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
        return CredentialsError(f"nobody is logged in at AWS: {text}", hint=_LOGIN)
    if "ProfileNotFound" in kinds:
        return CredentialsError(text, hint="AWS_PROFILE names a profile of ~/.aws/config; aws configure makes one")
    if kinds & {"SSOError", "TokenRetrievalError", "LoginError"}:
        return CredentialsError(f"the login at AWS has expired: {text}", hint="aws sso login")
    if kinds & {"NoRegionError", "InvalidRegionError"}:
        hint = "targets: {sagemaker: {region: eu-west-1}}, or export AWS_REGION=eu-west-1"
        return UsageError(f"no AWS region: {text}", hint=hint, code="CN504")
    if kinds & {"HTTPClientError", "ConnectionError", "IncompleteReadError"}:
        return UnreachableError(f"AWS did not answer {operation}: {text}", hint="check the network and the region, and try again")
    if "ParamValidationError" in kinds:
        return ServiceError(f"{operation} is not a valid request: {text}", service_code="ParamValidation")
    if "BotoCoreError" in kinds:
        return ServiceError(f"{operation} could not be sent: {text}", service_code=type(error).__name__)
    return None


def of_answer(response: Any, service: str, operation: str, region: str | None) -> CloudNasError:
    """What an error that AWS answered with means.

    Args:
        response: AWS's answer: `Error` with `Code` and `Message`.
        service: whom it came from.
        operation: what was asked.
        region: where.
    """
    found = response.get("Error", {})
    code, message = str(found.get("Code", "")), " ".join(str(found.get("Message", "")).split())
    if code in _EXPIRED:
        return CredentialsError("the login at AWS has expired", hint="log in again: aws sso login, or new keys")
    if code in _UNKNOWN:
        return CredentialsError(f"AWS does not know these credentials ({code})", hint=_LOGIN)
    if code == "NoSuchBucket" or (operation == "HeadBucket" and code in ("404", "NotFound")):
        hint = "make it (aws s3 mb), or name another one: targets: {sagemaker: {bucket: NAME}}"
        return RefusedError(f"there is no such bucket ({message or code})", hint=hint, code="CN505")
    if code in _ELSEWHERE:
        hint = "a job and its bucket are in one region: name another bucket or another region under targets.sagemaker"
        return RefusedError(f"the bucket is not in {region}", hint=hint, code="CN505")
    if code in _DENIED and service == "s3" and operation in _OF_BUCKETS:
        what = f"AWS does not allow s3:{operation}: {message or code}; the bucket may be another account's"
        hint = "name a bucket of the role's account under targets.sagemaker; cloud-nas doctor aws tells what is missing"
        return CredentialsError(what, hint=hint, code="CN505")
    if code in _DENIED:
        hint = "cloud-nas plan shows the policies that are needed; cloud-nas doctor aws tells what is missing"
        return CredentialsError(f"AWS does not allow {service}:{operation}: {message or code}", hint=hint, code="CN506")
    if code == "ResourceLimitExceeded":
        return _quota(message, region)
    if code in _BUSY:
        return UnreachableError(f"AWS is too busy to answer {operation} ({code})", hint="try again in a minute")
    return ServiceError(f"AWS refused {operation}: {message or code} ({code})", service_code=code)


def _quota(message: str, region: str | None) -> RefusedError:
    found = _QUOTA.search(message)
    if found is None:
        hint = "choose another machine or region under targets.sagemaker"
        return RefusedError(f"AWS has no room for this job: {message}", hint=hint, code="CN507")
    name, limit = found.groups()
    where = f"https://console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas (region {region})"
    return RefusedError(
        f"the account's quota {name!r} is {limit}", hint=f"ask for more at {where}, or choose another `instance`", code="CN507"
    )
