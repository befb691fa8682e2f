"""A final model made in a process of its own, for a caller whose TensorFlow uses another number of threads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import sharing
from local_engine.search.code import contents_of
from local_engine.search.turns import FinalOrder
from local_engine.space import frozen
from local_engine.workers.devices import Slot
from local_engine.workers.pool import Pool

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.training import Artifact


def finish_apart(order: FinalOrder, threads: int, *, data: Dataset, builder: Builder, folder: Path) -> Artifact:
    """Makes the final model in a worker without a GPU.

    Args:
        order: what is to be made.
        threads: how many TensorFlow uses for one operation.
        data: the data.
        builder: the user's function, from a file.
        folder: for what the worker needs, and what it prints.

    Raises:
        TrialError: it failed, or the worker was lost.
        OSError: there is no room for the rows.
    """
    shared, code = folder / "shared", folder / "imported"
    frozen.keep(code, contents_of(order.definition, builder))
    sharing.share(data, shared)
    pool = Pool(order.definition, (Slot(0, threads),), shared=shared, code=code, trials=folder)
    try:
        return pool.finish(order)
    finally:
        pool.close()
