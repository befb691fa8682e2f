"""The work of a container's job, whosever container it is, and how it is told of."""

from __future__ import annotations

import os
import sys

from local_engine.containers.base import Order
from local_engine.containers.platform import Platform
from local_engine.errors import EngineError

LONGEST = 1000
"""Characters of a reason; the shortest that a service shows are 1,024."""


def do(platform: Platform, order: Order) -> None:
    """Trains the candidate, or searches, to the end.

    Raises:
        EngineError: what the user can mend.
        Interrupted: the service wanted an end before.
    """
    os.chdir(platform.base.code)  # paths of the definition are relative to the package
    if order.kind == "trial":
        from local_engine.containers import trial

        artifact = trial.run(platform.base, order, platform)
        ended = f" ({artifact.stopped})" if artifact.stopped else ""
        say(f"trained {artifact.epochs} epochs{ended}; the best was {artifact.best_epoch}")
    else:
        from local_engine.containers import engine

        say(engine.run(platform.base, order, platform))


def reason_of(error: BaseException) -> str:
    """The reason in one line."""
    if isinstance(error, EngineError):
        text = error.message
        text += f" ({error.where})" if error.where else ""
        text += f"; hint: {error.hint}" if error.hint else ""
    else:
        text = f"{type(error).__name__}: {error}"
    return f"cloud-nas: {' '.join(text.split())}"[:LONGEST]


def say(text: str) -> None:
    """One line into the job's log."""
    sys.stdout.write(f"cloud-nas: {text}\n")
    sys.stdout.flush()
