"""A cloud whose parts are files of its folder, called the same in every cloud; each is imported when it is first used.

    placement.settings      validation.problems     submitting.submit     watching.refresh      stopping.cancel
    trials.trials           logs.page               bringing.bring        finding.find          leftovers.left, remove
    priced.prices, refresh, unpriced, what_fits, monthly

They take and give what the methods of `base.Submits` and `priced.Priced` do.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from cloud_nas.errors import CloudNasError
from cloud_nas.states import Trial
from cloud_nas.targets.base import Submits, Target
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.priced import Price, Priced, Unpriced
from cloud_nas.targets.remote import Brought, Found, Left, LogPage, Remote, State


class ByRooms(Target, Submits, Priced):
    """All that happens once there is a plan. A subclass names the folder, and has a `plan` of its own."""

    rooms: ClassVar[str]
    """The package with the files: `cloud_nas.targets.sagemaker`."""

    def settings(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """The section of the spec's `targets`, filled up."""
        found: dict[str, Any] = self._room("placement").settings(place)
        return found

    def validate(self, plan: Plan) -> tuple[str, ...]:
        """What the service's own model of its requests and its documented rules say against a plan."""
        found: tuple[str, ...] = self._room("validation").problems(plan)
        return found

    def submit(self, plan: Plan, *, note: Callable[[str], None] = lambda text: None) -> Remote:
        """Uploads and creates, once."""
        made: Remote = self._room("submitting").submit(plan, note=note)
        return made

    def refresh(self, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
        """By lists, not by a call a job."""
        found: list[State | CloudNasError] = self._room("watching").refresh(remotes)
        return found

    def cancel(self, remote: Remote) -> None:
        """Stops the job."""
        self._room("stopping").cancel(remote)

    def trials(self, remote: Remote) -> list[Trial]:
        """The service's own, or what the engine last wrote of its study."""
        found: list[Trial] = self._room("trials").trials(remote)
        return found

    def logs(self, remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
        """From the service's own logs."""
        found: LogPage = self._room("logs").page(remote, trial=trial, after=after)
        return found

    def bring(
        self, remote: Remote, folder: Path, *, trial: int | None = None, note: Callable[[str], None] = lambda text: None
    ) -> Brought:
        """From the bucket."""
        found: Brought = self._room("bringing").bring(remote, folder, trial=trial, note=note)
        return found

    def find(self, place: Mapping[str, Any], *, owner: str | None) -> list[Found]:
        """By tags or labels."""
        found: list[Found] = self._room("finding").find(place, owner=owner, target=self.name)
        return found

    def left(self, remote: Remote) -> list[Left]:
        """Objects below the run's own prefix, and resources that carry its name."""
        found: list[Left] = self._room("leftovers").left(remote)
        return found

    def remove(self, remote: Remote, left: Sequence[Left]) -> None:
        """Deletes them."""
        self._room("leftovers").remove(remote, left)

    def prices(self, region: str | None = None) -> list[Price]:
        """From the table."""
        found: list[Price] = self._room("priced").prices(region)
        return found

    def refresh_prices(self, region: str | None = None) -> str:
        """From the place's public list."""
        read: str = self._room("priced").refresh(region)
        return read

    def unpriced(self, place: Mapping[str, Any]) -> Unpriced | None:
        """The first that is not known."""
        found: Unpriced | None = self._room("priced").unpriced(place)
        return found

    def what_fits(self, plan: Plan, max_cost: float) -> str:
        """By the bound's own formula."""
        hint: str = self._room("priced").what_fits(plan, max_cost)
        return hint

    def monthly(self, place: Mapping[str, Any], bytes: int) -> float | None:
        """Of the bucket."""
        found: float | None = self._room("priced").monthly(place, bytes)
        return found

    def _room(self, name: str) -> Any:
        return importlib.import_module(f"{self.rooms}.{name}")
