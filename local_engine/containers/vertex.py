"""What runs in a container of Vertex AI: `bootstrap` unpacks our package and becomes its `train.py`, which calls `main`.

The container may be started again at any moment: by the service after a failure of the machine or of the program, or because a
spot machine was taken. So all that is needed to go on leaves the machine at work, and what has ended is not begun again.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from pathlib import Path

from local_engine.containers import bootstrap, gpu_check, trial, wheels
from local_engine.containers.arguments import parse
from local_engine.containers.base import Base, Order, definition_in
from local_engine.containers.doing import do, reason_of, say
from local_engine.containers.gcs import Storage
from local_engine.containers.platform import Interrupted
from local_engine.containers.vertex_places import Places
from local_engine.containers.vertex_platform import Superseded, Vertex
from local_engine.errors import EngineError
from local_engine.files import read_json, sha256_of

TERMINATED = 143
"""The status of a process that SIGTERM ended: the job is not done, and a machine given back goes on with it."""

OURS = frozenset({"keras"})
"""Packages that have to be of our version, since what they save is read at home."""

PAUSE = 10.0
"""Seconds between the last line of the metric file and the end: the service's reader may come late. Not in a rehearsal."""


def main() -> None:
    """Does the job that the package is of; ends the process with 1 where that failed."""
    try:
        work(Path(sys.argv[0]).resolve().parent, sys.argv[1:])
    except Interrupted as error:
        say(f"{error}; all that is needed to go on is in the bucket")
        sys.exit(TERMINATED)
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever looks must be told
        traceback.print_exc()
        bootstrap.failed(reason_of(error))
        sys.exit(1)


def work(code: Path, arguments: list[str]) -> None:
    """Does the job.

    Args:
        code: the folder that the package was unpacked into; beside it everything else is put.
        arguments: the command's.

    Raises:
        EngineError: what the user can mend.
        Interrupted: the service wanted an end.
    """
    places, order, storage = Places.here(), Order.of(code), Storage()
    base = Base(code.parent, "job", code)
    platform = Vertex(base, places, parse(arguments), storage)
    platform.listen()
    if platform.bring_back():
        say("an earlier start has done the job; its model stays as it is")
        _tell_again(platform, order)
        return
    _add_wheels(base, order, places, storage)
    _fetch_rows(base, places, storage)
    gpu_check.check()
    try:
        do(platform, order)
        platform.finish()
    except Interrupted:
        platform.send_output()
        raise
    except Superseded:
        say("another start of this container has done the job; its model stays as it is")
    _wait(order)


def _add_wheels(base: Base, order: Order, places: Places, storage: Storage) -> None:
    """Makes what the image lacks importable.

    Raises:
        EngineError: a wheel is not what was sent, or not for the image's Python.
    """
    folder = base.root / "wheels"
    for name in wheels.lacking(order.wheels, ours=OURS):
        storage.fetch(f"{places.wheels}{order.hashes[name]}/{name}", folder / name)
        if sha256_of(folder / name) != order.hashes[name]:
            raise EngineError(f"the wheel {name} is not what was sent", where=places.wheels)
    if folder.is_dir():
        added = wheels.add(sorted(folder.iterdir()), base.root / "packages", ours=OURS)
        say(f"added to the image's packages: {', '.join(added)}")
        shutil.rmtree(folder)


def _fetch_rows(base: Base, places: Places, storage: Storage) -> None:
    """Brings the rows to the machine's own disk; whoever reads them checks them."""
    from local_engine.data.bundle import NAME

    storage.fetch(places.rows + NAME, base.rows / NAME)
    for name in read_json(base.rows / NAME)["files"]:
        storage.fetch(places.rows + name, base.rows / name)


def _tell_again(platform: Vertex, order: Order) -> None:
    """Makes the metric file of an ended trial again, where the machine is another one."""
    if order.kind == "trial":
        trial.report_of(platform, definition_in(platform.base.code))
        _wait(order)


def _wait(order: Order) -> None:
    """Lets the service read what was told last."""
    if order.kind == "trial" and not {"CLOUD_NAS_GCS_ROOT", "STORAGE_EMULATOR_HOST"} & set(os.environ):
        time.sleep(PAUSE)
