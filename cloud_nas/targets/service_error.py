"""A cloud's refusal in its own words, where no error of ours says more."""

from __future__ import annotations

from cloud_nas.errors import FailedError


class ServiceError(FailedError):
    """A service refused a call; `service_code` is its own word for why (`ResourceInUse`, `404`)."""

    default_code = "CN503"

    def __init__(self, message: str, *, service_code: str, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message, hint=hint, code=code)
        self.service_code = service_code
