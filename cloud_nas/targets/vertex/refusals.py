"""What Google and its client libraries say when a call fails, in our words: what happened, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cloud_nas.errors import CloudNasError, CredentialsError, NotFoundError, RefusedError, UnreachableError
from cloud_nas.targets.service_error import ServiceError

__all__ = ["ServiceError", "explained", "of_answer", "of_status", "words"]

LOGIN = "gcloud auth application-default login"

_BUSY = {408, 429, 500, 502, 503, 504}
_QUOTA = re.compile(r"quota metrics? exceed(?:s|ed)? quota limits?:?\s*(\S+)")
_PERIMETER = re.compile(r"vpcServiceControlsUniqueIdentifier:?\s*([\w-]+)")
_PERMISSION = re.compile(r"'?\b([a-z][A-Za-z]+(?:\.[a-zA-Z]+){2,3})\b'?")
_ASKED = re.compile(r"^(?:GET|POST|PUT|PATCH|DELETE) https?://\S+: ")
"""What Google's clients put before the service's own words."""

_ERRNO = re.compile(r"\[Errno -?\d+\] ([\w ,.-]+)")
_OF_RPC = {3: 400, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 13: 500, 14: 503, 16: 401}
"""The status of HTTP that stands for a code of google.rpc, where an operation fails after it was accepted."""


@contextmanager
def explained(operation: str, project: str | None = None) -> Iterator[None]:
    """Turns what Google's libraries raise inside the block into our errors; imports none of them.

    Args:
        operation: what is asked, for the message.
        project: whose it is.
    """
    try:
        yield
    except CloudNasError:
        raise
    except Exception as error:
        told = _told(error, operation, project)
        if told is None:
            raise
        raise told from error


def _told(error: Exception, operation: str, project: str | None) -> CloudNasError | None:
    """The error in our words; None where it is of none of those libraries. They are told apart by name."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    text = " ".join(str(error).split())[:400]
    if "GoogleAPICallError" in kinds:
        message = _ASKED.sub("", " ".join(str(getattr(error, "message", "") or text).split()))
        return of_answer(int(getattr(error, "code", 0) or 0), message, operation, project)
    if "InvalidResponse" in kinds:
        status = getattr(getattr(error, "response", None), "status_code", 0)
        return of_answer(int(status), text, operation, project)
    if "ParseError" in kinds or "JSONDecodeError" in kinds:
        return ServiceError(f"Google's answer to {operation} is not understood: {text}", service_code="answer")
    if "DefaultCredentialsError" in kinds and "InvalidOperation" not in kinds:
        return CredentialsError(f"nobody is logged in at Google: {text}", hint=LOGIN)
    if "TransportError" in kinds or getattr(error, "retryable", False):
        return UnreachableError(f"Google's login did not answer: {text}", hint="check the network, and try again")
    if "GoogleAuthError" in kinds:
        return CredentialsError(f"the login at Google has expired, or is not valid: {text}", hint=LOGIN)
    if kinds & {"RequestException", "RetryError", "ConnectionError", "TimeoutError", "HTTPException", "DataCorruption"}:
        reason = _ERRNO.search(text)
        hint = "check the network and the location, and try again"
        return UnreachableError(f"Google did not answer {operation}: {reason[1] if reason else text}", hint=hint)
    if "HTTPError" in kinds and type(error).__module__.startswith("urllib3"):
        return UnreachableError(f"Google did not answer {operation}: {text}", hint="try again")
    return None


def of_answer(status: int, message: str, operation: str, project: str | None) -> CloudNasError:
    """What an error that Google answered with means.

    Args:
        status: of HTTP.
        message: Google's own, in one line.
        operation: what was asked.
        project: whose it is.
    """
    if status == 401:
        return CredentialsError(f"the login at Google has expired, or is not valid: {message}", hint=LOGIN)
    if status == 403 or "act as service account" in message:
        return _denied(message, operation, project)
    if _QUOTA.search(message):
        return _quota(message, project)
    if status == 404:
        return NotFoundError(f"Google has none of that: {message}", hint="another project or location may have it", code="CN601")
    if status in _BUSY:
        return UnreachableError(f"Google is too busy to answer {operation} ({status}: {message})", hint="try again in a minute")
    return ServiceError(f"Google refused {operation}: {message} ({status})", service_code=str(status))


def of_status(error: Any, operation: str, project: str | None) -> CloudNasError:
    """What a `google.rpc.Status` means: the way that what was accepted fails later."""
    message = " ".join(str(error.get("message", "")).split())
    return of_answer(_OF_RPC.get(int(error.get("code", 0)), 400), message, operation, project)


def words(found: Any) -> str:
    """Google's own words in an answer of HTTP that is an error, in one line."""
    try:
        told = found.json()["error"]
        text = told["message"] if isinstance(told, dict) else told
    except (ValueError, KeyError, TypeError):
        text = found.text[:400] or found.reason
    return " ".join(str(text).split())


def _denied(message: str, operation: str, project: str | None) -> CloudNasError:
    perimeter = _PERIMETER.search(message)
    if perimeter or "prohibited by organization's policy" in message:
        which = f", with the identifier {perimeter[1]}" if perimeter else ""
        hint = f"ask whoever keeps the perimeter{which}: VPC Service Controls stand between this machine and the project"
        return CredentialsError(
            f"the organisation's perimeter does not let {operation} through: {message}", hint=hint, code="CN506"
        )
    if "has not been used in project" in message or "SERVICE_DISABLED" in message or "it is disabled" in message:
        where = f" --project {project}" if project else ""
        hint = f"gcloud services enable aiplatform.googleapis.com storage.googleapis.com{where}"
        return CredentialsError(f"the API is switched off in the project: {message}", hint=hint, code="CN506")
    if "requires a quota project" in message:
        hint = f"gcloud auth application-default set-quota-project {project or 'PROJECT'}"
        return CredentialsError(f"the login at Google names no project that pays for calls: {message}", hint=hint, code="CN506")
    if "act as service account" in message:
        hint = "you need roles/iam.serviceAccountUser on that account; cloud-nas plan --json shows the line"
        return CredentialsError(f"Google does not allow {operation}: {message}", hint=hint, code="CN506")
    named = _PERMISSION.search(message)
    what = f"{operation} ({named[1]})" if named else operation
    hint = "cloud-nas plan shows the roles that are needed; cloud-nas doctor gcp tells what is missing"
    return CredentialsError(f"Google does not allow {what}: {message}", hint=hint, code="CN506")


def _quota(message: str, project: str | None) -> RefusedError:
    found = _QUOTA.search(message)
    name = found[1].strip("'\".,") if found else message
    where = f"https://console.cloud.google.com/iam-admin/quotas{f'?project={project}' if project else ''}"
    hint = f"ask for more at {where}, or choose another machine or location under targets.vertex"
    return RefusedError(f"the project's quota {name} is smaller than the job needs", hint=hint, code="CN507")
