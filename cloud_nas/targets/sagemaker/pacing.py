"""How often AWS may be asked: its list calls are limited to two a second for the whole account, and nobody can raise that."""

from __future__ import annotations

import time
from collections.abc import Callable

from cloud_nas.targets.environment import number
from cloud_nas.targets.pacing import Pace

RATE = 2.0
"""List calls a second of one operation (observed for ListTrainingJobs, and not adjustable; the others are taken to be alike)."""

_SERVICES = ("sagemaker",)
_VARIABLE = "CLOUD_NAS_AWS_RATE"


class Limiter:
    """Lets calls of one operation pass no closer together than the rate.

    Args:
        rate: calls a second, 0 for no limit; None: `CLOUD_NAS_AWS_RATE`, else the service's.
        clock: seconds that never go back.
        sleep: lets seconds pass.
    """

    def __init__(
        self,
        rate: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._pace = Pace(clock=clock, sleep=sleep)

    def wait(self, service: str, operation: str) -> None:
        """Waits until this operation may be called; only lists of the services that limit them are waited for."""
        if service not in _SERVICES or not operation.startswith(("List", "Search")):
            return
        self._pace.wait((service, operation), number(_VARIABLE, RATE) if self._rate is None else self._rate)


LIMITER = Limiter()
"""The process's own: the limit is the account's."""
