"""Operations that Google goes on with after it has answered: waiting for one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from cloud_nas.errors import UnreachableError


class LongRunning(ABC):
    """Who can look at an operation can wait for it."""

    _sleep: Callable[[float], None]

    @abstractmethod
    def finished(self, name: str) -> dict[str, Any] | None:
        """A long-running operation that has ended, whole; None: it goes on."""

    def wait_operation(self, name: str, *, timeout: float | None = None) -> dict[str, Any]:
        """The operation, when it has ended; asked for at growing distances, 20 seconds at most.

        Args:
            name: of the operation.
            timeout: the most seconds to wait; None: as long as it takes.

        Raises:
            UnreachableError: it has not ended in time.
            CloudNasError: it failed; and as `call`.
        """
        pause, waited = 1.0, 0.0
        while True:
            found = self.finished(name)
            if found is not None:
                return found
            if timeout is not None and waited >= timeout:
                raise UnreachableError(f"{name} goes on after {waited:.0f} s", hint="do it again: it is not begun anew")
            self._sleep(pause)
            waited, pause = waited + pause, min(20.0, pause * 1.5)
