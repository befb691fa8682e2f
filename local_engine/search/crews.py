"""Who trains a search: as many workers as fit, so many as asked for, or this process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import sharing
from local_engine.definition import Definition
from local_engine.errors import EngineError
from local_engine.events import Note, Observer
from local_engine.search.code import CODE
from local_engine.search.turns import Crew, InlineCrew

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.workers.pool import Pool

TRIALS = "trials"
SHARED = "shared"


@dataclass(frozen=True)
class Making:
    """What a crew is made of: the search, its folder, rows and code; the lock that workers hold; how many trials there may be."""

    definition: Definition
    folder: Path
    data: Dataset
    builder: Builder
    tell: Observer
    lock: int | None
    trials: int | None


@contextmanager
def crew(making: Making, parallel: int | None, gpus: Sequence[str] | None) -> Iterator[Crew]:
    """The crew, for as long as the block lasts; `parallel` and `gpus` as for `search`.

    Raises:
        EngineError: workers are asked for a function that is in no file, or GPUs that are not there.
        OSError: there is no room for the rows that workers share.
    """
    inline = InlineCrew(making.definition, making.data, making.builder, making.folder / TRIALS)
    if parallel == 0 or (parallel is None and making.definition.space.file is None):
        yield inline
        return
    if making.definition.space.file is None:
        raise EngineError("a function handed over in the process trains in this process", hint="leave out `parallel`")
    pool = _pool(making, parallel, gpus, inline)
    try:
        yield pool
    finally:
        pool.close()
        shutil.rmtree(making.folder / SHARED, ignore_errors=True)


def _pool(making: Making, parallel: int | None, gpus: Sequence[str] | None, inline: InlineCrew) -> Pool:
    from local_engine.workers import devices
    from local_engine.workers.fitting import Machine
    from local_engine.workers.pool import Pool

    machine = Machine.here()
    unused = devices.why_without_gpus(machine, gpus)
    if unused is not None:
        making.tell(Note(unused))
    data, shared = making.data, making.folder / SHARED
    held = sum(part.n * part.row_bytes for part in (data.train, data.validation) if not part.streamed)
    slots = devices.slots(parallel, gpus, machine=machine, data_bytes=held, most=making.trials)
    shutil.rmtree(shared, ignore_errors=True)
    sharing.share(data, shared)
    return Pool(
        making.definition,
        slots,
        shared=shared,
        code=making.folder / CODE,
        trials=making.folder / TRIALS,
        # This process has all cores but sees no GPU, so that it holds no memory there.
        finish_here=None if any(slot.gpu is not None for slot in slots) else inline.finish,
        tell=making.tell,
        keep_open=() if making.lock is None else (making.lock,),
    )
