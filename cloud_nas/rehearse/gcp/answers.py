"""What Google answers a request that it refuses."""

from __future__ import annotations

from typing import Any

_WORDS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
CODES = {"INVALID_ARGUMENT": 3, "NOT_FOUND": 5, "RESOURCE_EXHAUSTED": 8, "INTERNAL": 13, "CANCELLED": 1, "DEADLINE_EXCEEDED": 4}
"""The numbers of `google.rpc.Code`."""


class Refused(Exception):
    """A request is refused, with a status of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def body(self) -> dict[str, Any]:
        """As Google writes it."""
        reason = {412: "conditionNotMet", 404: "notFound"}.get(self.status, "error")
        told = {"message": self.message, "domain": "global", "reason": reason}
        return {"error": {"code": self.status, "message": self.message, "status": _WORDS[self.status], "errors": [told]}}


def require(holds: bool, message: str) -> None:
    """Ends here unless it holds.

    Raises:
        Refused: 400.
    """
    if not holds:
        raise Refused(400, message)
