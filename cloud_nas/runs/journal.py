"""All that a run said, an event a line in the run's folder: written while it runs, read back or followed from any process."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cloud_nas.runs.tail import Tail
from local_engine import events
from local_engine.events import EpochEnded, Event
from local_engine.files import cut_torn_line

NAME = "events.jsonl"


@dataclass(frozen=True)
class Entry:
    """An event, and when it was: ISO 8601 in UTC, to the millisecond."""

    at: str
    event: Event


class Journal:
    """An observer (`local_engine.events.Observer`) that appends each event to `events.jsonl`.

    A line is written by one call, because a signal's handler may speak up in the middle of another event. What a crash of the
    machine could lose are the last epochs: those are not synced, since that costs as much as an epoch of a small model.

    Args:
        descriptor: the file, open for appending.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __call__(self, event: Event) -> None:
        """Appends one event.

        Raises:
            OSError: no room is left on the disk; the file then ends with the event before.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = (json.dumps({"at": at} | events.to_json(event), ensure_ascii=False) + "\n").encode()
        before = os.fstat(self._descriptor).st_size
        if os.write(self._descriptor, line) != len(line):
            os.ftruncate(self._descriptor, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), NAME)
        if not isinstance(event, EpochEnded):
            os.fsync(self._descriptor)


@contextmanager
def journal(folder: Path) -> Iterator[Journal]:
    """The journal of the run in `folder`, gone on with; a last line that a crash tore is cut off first."""
    path = folder / NAME
    cut_torn_line(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield Journal(descriptor)
    finally:
        os.close(descriptor)


class Reader:
    """Reads the journal of the run in `folder`: each call of `new` gives what came since the last one."""

    def __init__(self, folder: Path) -> None:
        self._tail = Tail(folder / NAME)

    def new(self) -> Iterator[Entry]:
        """Entries that were not given before; a kind of event from a newer version is left out."""
        for line in self._tail.lines():
            try:
                data = json.loads(line)
                event = events.from_json(data)
            except (ValueError, AttributeError):  # torn by a crash, and gone on behind
                continue
            if event is not None:
                yield Entry(str(data.get("at", "")), event)


def read(folder: Path) -> list[Entry]:
    """All entries; none where the run was made before there were journals."""
    return list(Reader(folder).new())
