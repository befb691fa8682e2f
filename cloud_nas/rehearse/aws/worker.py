"""What is at work at a training job: a machine of the cloud, as the job sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Event:
    """Something that happened on the machine.

    `kind`: a phase begins, a line was printed, or the machine is given back (`end`: `code` is the container's exit status, None
    where it was killed; `text` is what it left in `output/failure`).
    """

    at: float
    kind: Literal["Downloading", "Training", "line", "Uploading", "end"]
    text: str = ""
    code: int | None = 0


class Worker(Protocol):
    """A machine. Events come in the order of their times; `next_at` is the first one's, None while nothing is known to come."""

    def next_at(self) -> float | None:
        """When the next event is, or was."""

    def pop(self) -> Event:
        """Takes that event."""

    def stop(self, at: float, grace: float) -> None:
        """Ends the container: a signal that it does not see, and after `grace` seconds it is killed; outputs are uploaded."""

    def vanish(self, at: float) -> None:
        """The machine is taken away at once; nothing is uploaded, and no event comes any more."""

    def kill(self, at: float) -> None:
        """The container's processes die, as for want of memory; outputs are uploaded."""
