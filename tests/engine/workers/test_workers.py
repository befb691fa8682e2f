"""Trials in processes of their own: the same numbers as in this one, caps kept, losses made good, what was printed kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from local_engine.definition import Budget, Search, Train
from local_engine.events import EpochEnded, Note, SearchStarted, TrialEnded, TrialStarted

Make = Callable[..., Any]

TROUBLE = """
import os, pathlib, signal, sys, time

import keras
import numpy as np

MARK = pathlib.Path(__file__).with_name("killed")


def build(hp):
    what = hp.Choice("what", ["fine", "raises", "nan", "memory", "killed", "killed_once", "hangs", "exits"])
    print("building", what)
    if what == "raises":
        raise RuntimeError("no such thing")
    if what == "memory":
        np.ones(10**15)
    if what == "killed" or (what == "killed_once" and not MARK.exists()):
        if what == "killed_once":
            MARK.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hangs":
        time.sleep(1000)
    if what == "exits":
        sys.exit("enough")
    scale = keras.layers.Rescaling(float("nan") if what == "nan" else 1.0)
    model = keras.Sequential([scale, keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


def test_trouble_is_recorded_and_the_search_goes_on(searching: Make) -> None:
    trouble = searching(TROUBLE)
    outcome = trouble.run(search=Search("grid"), train=Train(epochs=2, batch_size=70, seconds=10.0), budget=Budget(trials=8))
    found = {str(one.params["what"]): (one.state, one.reason) for one in trouble.trials()}
    assert found.pop("fine") == ("done", None)
    assert found.pop("killed_once") == ("done", None)
    assert {state for state, _ in found.values()} == {"failed"}
    reasons = {what: reason or "" for what, (_, reason) in found.items()}
    assert reasons["raises"].startswith("RuntimeError: no such thing") and "model.py:14" in reasons["raises"]
    assert reasons["nan"] == "the loss is nan"
    assert reasons["memory"].startswith("out of memory")
    assert reasons["killed"] == "the worker was killed (SIGKILL)"
    assert reasons["hangs"] == "the trial's time is over"
    assert "SystemExit: enough" in reasons["exits"]
    again = [event.message for event in trouble.events if isinstance(event, Note) and "tried once more" in event.message]
    assert len(again) == 2
    assert (outcome.done, outcome.failed, outcome.reason) == (2, 6, "complete")
    logs = trouble.folder / "run" / "trials"
    assert "building fine" in (logs / "0" / "log.txt").read_text()
    log = (logs / "1" / "log.txt").read_text()
    assert "building raises" in log and "Traceback" in log and "no such thing" in log


def test_two_workers_keep_to_a_cap_and_then_find_what_one_process_finds(
    searching: Make, undisturbed: dict[int, float | None]
) -> None:
    capped = searching()
    budget = Budget(trials=4, epochs=5)
    outcome = capped.run(train=Train(epochs=3, batch_size=70), budget=budget)
    told = [(event.number, event.epoch) for event in capped.events if isinstance(event, EpochEnded)]
    assert len(told) == len(set(told)) == 5
    assert outcome.reason == "the epochs are used up" and outcome.best is not None
    before = len(capped.events)
    more = capped.run(train=Train(epochs=3, batch_size=70), budget=Budget(trials=4))
    told += [(event.number, event.epoch) for event in capped.events[before:] if isinstance(event, EpochEnded)]
    assert sorted(told) == [(number, epoch) for number in range(4) for epoch in (1, 2, 3)]
    assert (more.done, more.reason) == (4, "complete")
    assert {one.number: one.value for one in capped.trials()} == undisturbed and len(undisturbed) == 4
    assert more.best is not None and more.best.value == max(value or 0.0 for value in undisturbed.values())
    started = next(event for event in capped.events if isinstance(event, SearchStarted))
    assert started.workers == 2
    assert not (capped.folder / "run" / "shared").exists()
    assert not [child for child in psutil.Process().children() if "local_engine.workers" in " ".join(child.cmdline())]


def test_a_caller_who_stops_is_heard_while_workers_come_up(searching: Make) -> None:
    stopped = searching()
    outcome = stopped.run(stop=lambda: "enough" if any(isinstance(one, TrialStarted) for one in stopped.events) else None)
    ended = [event for event in stopped.events if isinstance(event, TrialEnded)]
    assert outcome.model is None and outcome.reason == "enough"
    assert {event.state for event in ended} == {"running"}


def test_a_function_of_this_process_trains_in_it(searching: Make, few: tuple[Path, Any], tmp_path: Path) -> None:
    from sklearn.tree import DecisionTreeClassifier

    from local_engine.definition import ModelSpace
    from local_engine.errors import EngineError
    from local_engine.search import search
    from local_engine.space.builder import Builder

    pids = []

    def build(hp: Any) -> Any:
        pids.append(os.getpid())
        return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 8))

    import dataclasses

    definition = dataclasses.replace(searching().definition(), space=ModelSpace(None, "build"))
    search(definition, folder=tmp_path / "notebook", data=few[1], builder=Builder.of(build), parallel=None)
    assert set(pids) == {os.getpid()}
    with pytest.raises(EngineError, match="handed over in the process"):
        search(definition, folder=tmp_path / "other", data=few[1], builder=Builder.of(build), parallel=2)


def test_a_worker_that_cannot_start_ends_the_search_with_what_it_said(searching: Make) -> None:
    from local_engine.errors import EngineError

    broken = searching("import os\nif os.environ.get('TF_NUM_INTRAOP_THREADS'):\n    os._exit(7)\n" + PLAIN_BUILD)
    with pytest.raises(EngineError, match=re.escape("a worker cannot start: the worker ended (exit status 7)")):
        broken.run(parallel=1)


PLAIN_BUILD = """
def build(hp):
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 8))
"""
