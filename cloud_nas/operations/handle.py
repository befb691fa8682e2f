"""A run in the hand: everything that can be asked of it, or done with it, by one object."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cloud_nas.operations.cancel import Cancelled, cancel
from cloud_nas.operations.logs import Logged, logs
from cloud_nas.operations.status import RunStatus, status
from cloud_nas.operations.wait import wait

if TYPE_CHECKING:
    from cloud_nas.operations.fetch import Fetched
    from cloud_nas.operations.report import Report
    from cloud_nas.operations.show import ShownRun, ShownTrial
    from cloud_nas.operations.trials import Trial


@dataclass(frozen=True)
class Run:
    """A run of this user, by its id; nothing is read before something is asked. Each method raises `NotFoundError` without it.

        run = cn.submit("spec.yaml")
        run.wait("2h").best

    Args:
        id: the run id.
        notes: what was said when it was submitted.
    """

    id: str
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def status(self, *, cached: bool = False) -> RunStatus:
        """Where it stands; `cached`: as it was known last, without asking a cloud."""
        return status(self.id, cached=cached)[0]

    def wait(self, timeout: float | str | None = None) -> RunStatus:
        """Waits until it has ended; still at work where the `timeout`, `"6h"` or seconds, was over first."""
        return wait(self.id, timeout)[0]

    def cancel(self) -> Cancelled:
        """Ends it; what was found stays, and `run` with the same spec goes on."""
        return cancel(self.id)[0]

    def logs(self, *, follow: bool = False, trial: int | None = None) -> Iterator[Logged]:
        """What it said, or what one of its trials printed; with `follow` what comes, until it has ended."""
        return logs(self.id, follow=follow, trial=trial)

    def trials(self) -> list[Trial]:
        """Its trials, by number."""
        from cloud_nas.operations.trials import trials

        return trials(self.id)

    def show(self, trial: int | None = None) -> ShownRun | ShownTrial:
        """All that is known of it, or of one of its trials."""
        from cloud_nas.operations.show import show

        return show(self.id if trial is None else f"{self.id}/{trial}")

    def fetch(self, to: str | os.PathLike[str] | None = None, *, trial: int | None = None) -> Fetched:
        """Copies its model, or that of a trial, to a folder."""
        from cloud_nas.operations.fetch import fetch

        return fetch(self.id, trial=trial, to=to)

    def report(self, path: str | os.PathLike[str]) -> Report:
        """Writes a page about it, one HTML file."""
        from cloud_nas.operations.report import report

        return report(self.id, html=path)
