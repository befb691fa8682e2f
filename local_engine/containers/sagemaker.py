"""What AWS's training toolkit starts in the container: `train.py` of our package calls `main`.

The toolkit's arguments are ignored: they render values as it sees fit. A job that fails says why in the file that becomes the
service's FailureReason, in one line; the whole story is in the log.
"""

from __future__ import annotations

import sys
import traceback

from local_engine.containers import wheels
from local_engine.containers.base import Base, Order
from local_engine.containers.doing import do, reason_of, say
from local_engine.containers.platform import Platform


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
            say(f"added to the image's packages: {', '.join(added)}")
    do(Platform(base), order)
