"""An error as AWS answers it."""

from __future__ import annotations


class AwsError(Exception):
    """A refusal: AWS's own word for it, its text, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> AwsError:
    """A request that breaks a rule."""
    return AwsError("ValidationException", message)


def in_use(message: str) -> AwsError:
    """A name that is taken."""
    return AwsError("ResourceInUse", message)


def missing(message: str) -> AwsError:
    """Something that is not there; SageMaker says so in two ways, this one for tuning jobs and AutoML."""
    return AwsError("ResourceNotFound", message)


def over_quota(name: str, limit: int, wanted: int) -> AwsError:
    """More than the account may have, in the service's words."""
    return AwsError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{name}' is {limit} Instances, with current utilization of 0 Instances and a "
        f"request delta of {wanted} Instances. Please use AWS Service Quotas to request an increase for this quota. "
        "If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.",
    )
