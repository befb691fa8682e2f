"""Three hundred trials of three hundred structures: neither the parent nor a worker grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil
import pytest

from local_engine.definition import Budget, Search, Train
from local_engine.events import TrialEnded
from local_engine.search import search

MANY = """
import keras


def build(hp):
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten()])
    for layer in range(hp.Choice("layers", [1, 2, 3])):
        model.add(keras.layers.Dense(hp.Int("units", 4, 400, step=4), activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


def _held(process: psutil.Process) -> float:
    """MB that are the process's own."""
    return float(process.memory_full_info().uss) / 1e6


@pytest.mark.slow
def test_three_hundred_structures(searching: Callable[..., Any]) -> None:
    many = searching(MANY)
    definition = many.definition(search=Search("grid"), train=Train(epochs=1, batch_size=70), budget=Budget(trials=300))
    parent: dict[int, float] = {}
    workers: dict[int, float] = {}
    structures = set()
    ended = 0

    def look(event: Any) -> None:
        nonlocal ended
        if isinstance(event, TrialEnded):
            assert event.state == "done", event.reason
            ended += 1
            structures.add(tuple(sorted(event.params.items())))
            if ended % 10 == 0:
                me = psutil.Process()
                parent[ended] = _held(me)
                held = [_held(child) for child in me.children() if "local_engine.workers" in " ".join(child.cmdline())]
                workers[ended] = max(held)

    outcome = search(definition, folder=many.folder / "run", observer=look, data=many.data, parallel=2)
    print("parent", parent)
    print("largest worker", workers)
    assert outcome.done == 300 and len(structures) == 300
    assert parent[300] < 1.1 * parent[50]
    assert workers[300] < 1.1 * workers[50]
