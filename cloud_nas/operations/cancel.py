"""`cancel`: ends runs from any process of the same user, and jobs in clouds. What was found stays."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloud_nas.errors import CloudNasError, RefusedError
from cloud_nas.operations._cancel_remote import end_remote
from cloud_nas.operations._remote import is_remote
from cloud_nas.operations._runs import GO_ON, folder_of, settled
from cloud_nas.runs.cancelling import ask
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import Holder, holder
from cloud_nas.states import LIVE, RunState

PATIENCE = 10.0
"""Seconds that a run is given to end, before it is called `stopping`; it ends by itself all the same."""

_PAUSE = 0.1


@dataclass(frozen=True)
class Cancelled:
    """A run that was asked to end: its state `before`, and now. One that had ended before is left alone."""

    run_id: str
    before: RunState
    state: RunState

    @property
    def had_ended(self) -> bool:
        """Whether there was nothing to cancel."""
        return self.before not in LIVE and self.before != "interrupted"


def cancel(
    run_ids: str | Sequence[str],
    *,
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Cancelled]:
    """Cancels runs, and gives them some seconds to end.

    A run that a process works at saves what it has; one without a process is cancelled at once. A job in a cloud is asked to stop
    and takes its time, which is not waited for; a run whose job was never made is cancelled at once.

    Args:
        run_ids: a run, or several.
        patience: the longest to wait for their end, in seconds.
        clock: seconds that never go back.
        sleep: lets seconds pass.

    Raises:
        NotFoundError: there is no such run; then none is cancelled.
        RefusedError: a run is at work on another machine, or in a process of somebody else; the others are cancelled.
        CredentialsError, UnreachableError: a cloud cannot be asked; the others are cancelled.
    """
    asked = dict.fromkeys((run_ids,) if isinstance(run_ids, str) else run_ids)
    problems: list[CloudNasError] = []
    with Registry() as registry:
        before = {run_id: settled(registry.get(run_id), registry).state for run_id in asked}
        here = [run_id for run_id in asked if not is_remote(registry.get(run_id))]
        for run_id in asked:
            try:
                if run_id in here:
                    _end(registry, run_id)
                else:
                    end_remote(registry.get(run_id))
            except CloudNasError as error:
                problems.append(error)
        until = clock() + patience
        while clock() < until and any(_state(registry, run_id) in LIVE for run_id in here) and not problems:
            sleep(_PAUSE)
        found = [Cancelled(run_id, before[run_id], _state(registry, run_id)) for run_id in asked]
    if problems:
        raise problems[0]
    return found


def _end(registry: Registry, run_id: str) -> None:
    """Asks for the end of a run; gives it that end where nobody works at it."""
    with registry.transaction():
        row = settled(registry.get(run_id), registry)
        folder = folder_of(row)
        at_work = holder(folder) if row.state in LIVE else None
        if at_work is None:
            _write_end(registry, row)
            return
        _check_is_ours(row, at_work)
        ask(folder, at_work)
        registry.update(dataclasses.replace(row, state="stopping"))
    if at_work.listens and holder(folder) == at_work:
        _tell(row, at_work)


def _write_end(registry: Registry, row: RunRow) -> None:
    if row.state in LIVE or row.state in ("interrupted", "cancelled"):
        registry.update(dataclasses.replace(row, state="cancelled", reason="cancelled", note=GO_ON))


def _check_is_ours(row: RunRow, at_work: Holder) -> None:
    if at_work.host != socket.gethostname():
        raise RefusedError(f"{row.run_id} is at work elsewhere: {at_work}", hint=f"cancel it on {at_work.host}")


def _tell(row: RunRow, at_work: Holder) -> None:
    """Wakes the process, which then finds that it is to end."""
    try:
        os.kill(at_work.pid, signal.SIGTERM)
    except ProcessLookupError:
        if holder(folder_of(row)) == at_work:
            hint = "cancel it in the container that it runs in"
            raise RefusedError(
                f"{row.run_id} is at work in a process that cannot be seen from here: {at_work}", hint=hint
            ) from None
    except PermissionError as error:
        raise RefusedError(f"{row.run_id} belongs to somebody else: {at_work}", hint=f"ask {at_work.user}") from error


def _state(registry: Registry, run_id: str) -> RunState:
    """The state now; the row learns of an end that its process did not live to write."""
    row = registry.get(run_id)
    now = settled(row, registry)
    if now.state == "cancelled" and row.state in LIVE:
        with registry.transaction():
            again = settled(registry.get(run_id), registry)
            if again.state == "cancelled":
                _write_end(registry, again)
    return now.state
