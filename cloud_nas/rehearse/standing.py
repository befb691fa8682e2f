"""What the stand-ins of all clouds have: a clock that tests move, what was asked of them, logins that expire."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

from cloud_nas.rehearse.clock import Clock, Manual, Real
from cloud_nas.rehearse.faults import Faults

_TICK = 0.05


class Standing:
    """A cloud on loopback.

    A subclass sets `world` (with `lock`, `advance` and `anything_live`) and `_server` (with `endpoint`, `requests` and
    `defects`) as it begins.

    Args:
        clock: the time; None: the real one where jobs are run, one that `advance` moves where they are not.
        faults: what it does to its users.
        run_jobs: whether jobs are run.
    """

    world: Any
    _server: Any

    def __init__(self, clock: Clock | None, faults: Faults, *, run_jobs: bool) -> None:
        self.clock: Clock = clock or (Real() if run_jobs else Manual())
        self._run_jobs, self._all_faults = run_jobs, faults
        self._ended = Event()
        self._ticker: Thread | None = None

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return str(self._server.endpoint)

    @property
    def requests(self) -> list[Any]:
        """What was asked so far, oldest first."""
        found: list[Any] = self._server.requests
        return found

    @property
    def defects(self) -> list[str]:
        """What went wrong inside the stand-in; a test fails where there is any."""
        found: list[str] = self._server.defects
        return found

    def advance(self, seconds: float) -> None:
        """Moves the clock, and lets happen what happens in that time."""
        assert isinstance(self.clock, Manual)
        with self.world.lock:
            self.clock.advance(seconds)
            self.world.advance()

    def settle(self, hours: float = 100) -> None:
        """Moves the clock until every job has ended, so many hours at most."""
        for _ in range(int(hours * 60)):
            if not self.world.anything_live():
                return
            self.advance(60)

    def expire(self) -> None:
        """From now on every call is refused, because the login has expired."""
        self._all_faults.expired = True

    def renew(self) -> None:
        """Somebody has logged in again."""
        self._all_faults.expired = False

    def _look(self) -> None:
        """What is to be done while nobody asks, beside what time brings."""

    def _begin(self) -> None:
        """From now on jobs move on while nobody asks, where time does by itself."""
        if isinstance(self.clock, Real):
            self._ticker = Thread(target=self._tick, daemon=True)
            self._ticker.start()

    def _end(self) -> None:
        """No more of that."""
        self._ended.set()
        if self._ticker is not None:
            self._ticker.join()

    def _tick(self) -> None:
        while not self._ended.wait(_TICK):
            with self.world.lock:
                self.world.advance()
                self._look()
