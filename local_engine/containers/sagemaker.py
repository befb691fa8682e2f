"""What AWS's training toolkit starts in the container: `train.py` of our package calls `main`.

The toolkit's arguments are ignored: they render values as it sees fit. A job that fails says why in the file that becomes the
service's FailureReason, in one line; the whole story is in the log.
"""

from __future__ import annotations

import os
import sys
import traceback

from local_engine.containers import wheels
from local_engine.containers.base import Base, Order
from local_engine.errors import EngineError

LONGEST = 1000
"""Characters of a reason; the service shows 1,024."""


def main() -> None:
    """Does the job that the package is of; ends the process with 1 where that failed."""
    base = Base.here()
    try:
        work(base)
    except Exception as error:  # noqa: BLE001 - whatever it is, the service must be told
        traceback.print_exc()
        sys.stderr.flush()
        base.failure.parent.mkdir(parents=True, exist_ok=True)
        base.failure.write_text(reason_of(error))
        sys.exit(1)


def work(base: Base) -> None:
    """Does the job.

    Raises:
        EngineError: what the user can mend.
    """
    order = Order.of(base.code)
    if base.wheels.is_dir():
        added = wheels.add((base.wheels / name for name in order.wheels), base.root / ".packages")
        if added:
            _say(f"added to the image's packages: {', '.join(added)}")
    os.chdir(base.code)  # paths of the definition are relative to the package
    if order.kind == "trial":
        from local_engine.containers import trial

        artifact = trial.run(base, order)
        ended = f" ({artifact.stopped})" if artifact.stopped else ""
        _say(f"trained {artifact.epochs} epochs{ended}; the best was {artifact.best_epoch}")
    else:
        from local_engine.containers import engine

        _say(engine.run(base, order))


def reason_of(error: BaseException) -> str:
    """The reason in one line."""
    if isinstance(error, EngineError):
        text = error.message
        text += f" ({error.where})" if error.where else ""
        text += f"; hint: {error.hint}" if error.hint else ""
    else:
        text = f"{type(error).__name__}: {error}"
    return f"cloud-nas: {' '.join(text.split())}"[:LONGEST]


def _say(text: str) -> None:
    sys.stdout.write(f"cloud-nas: {text}\n")
    sys.stdout.flush()
