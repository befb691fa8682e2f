"""A search killed at random moments, process and all: nothing is lost, nothing done twice, and it ends as if nobody had."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from local_engine.definition import Budget, Definition, Search, Train
from local_engine.files import read_json_lines, write_json

_RUN = """
import json, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from local_engine.definition import Definition
from local_engine.events import EpochEnded
from local_engine.search import search

def say(event):
    if isinstance(event, EpochEnded):
        print(json.dumps([event.number, event.epoch]), flush=True)

definition = Definition.from_json(json.loads(Path({definition!r}).read_text()))
outcome = search(definition, folder=Path({folder!r}), observer=say, parallel={parallel})
print("end", flush=True)
"""

SEED = 20261124


def _start(definition: Definition, folder: Path, parallel: int) -> subprocess.Popen[str]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.with_suffix(".json")
    write_json(file, definition.to_json())
    code = _RUN.format(root=str(Path(__file__).parents[3]), definition=str(file), folder=str(folder), parallel=parallel)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def _kill_and_resume(searching: Any, kills: int, parallel: int, *, most: int, **changes: Any) -> None:
    """Kills a search so often, after at most `most` epochs each time; lets it end; holds it against one that nobody killed."""
    chance = random.Random(SEED)
    whole = searching()
    definition = whole.definition(**changes)
    whole.run("whole", parallel=0, **changes)
    folder = whole.folder / "killed"
    told: list[tuple[int, int]] = []
    ended, killed = False, 0
    while not ended:
        # Every other attempt trains without workers where there is one, so that a search is also gone on with the other way.
        process = _start(definition, folder, killed % 2 if parallel == 1 else parallel)
        assert process.stdout is not None
        epochs = chance.randint(0, most) if killed < kills else None
        while True:
            if epochs == 0:
                time.sleep(chance.uniform(0, 0.25))
                break
            line = process.stdout.readline()
            if line.strip() == "end" or not line:
                ended = line.strip() == "end"
                break
            told.append(tuple(json.loads(line)))
            epochs = None if epochs is None else epochs - 1
        workers = _workers_of(process) if not ended else []
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        killed += 1
        assert ended or killed <= kills, "the search ended without its last word"
        _, alive = psutil.wait_procs(workers, timeout=5)
        assert not alive, "workers outlive their parent"
        for number, epoch in told:
            recorded = [row["epoch"] for row in read_json_lines(folder / "trials" / str(number) / "curve.jsonl")]
            assert recorded == list(range(1, len(recorded) + 1)) and epoch in recorded
    assert killed > 0.8 * kills
    _hold_against(whole, folder, parallel)


def _hold_against(whole: Any, folder: Path, parallel: int) -> None:
    undisturbed = whole.trials("whole")
    resumed = whole.trials(folder.name)
    assert [one.number for one in resumed] == [one.number for one in undisturbed]
    assert [one.state for one in resumed] == [one.state for one in undisturbed]
    if parallel == 1:
        assert [(one.params, one.value, one.epochs) for one in resumed] == [
            (one.params, one.value, one.epochs) for one in undisturbed
        ]
        best = [json.loads((where / "model" / "manifest.json").read_text()) for where in (folder, folder.with_name("whole"))]
        assert best[0]["files"]["metrics.json"] == best[1]["files"]["metrics.json"]
    for one in resumed:
        rows = read_json_lines(folder / "trials" / str(one.number) / "curve.jsonl")
        assert [row["epoch"] for row in rows] == list(range(1, one.epochs + 1))


BAYESIAN = {
    "search": Search("bayesian", seed=7, options={"startup_trials": 2}),
    "train": Train(epochs=3, batch_size=70),
    "budget": Budget(trials=4),
}
MANY = BAYESIAN | {"budget": Budget(trials=10)}
HYPERBAND = {"search": Search("hyperband", seed=7), "train": Train(epochs=9, batch_size=70), "budget": Budget()}


def test_a_search_that_is_killed_five_times_ends_as_if_it_had_not_been(searching: Callable[..., Any]) -> None:
    _kill_and_resume(searching, 5, 1, most=3, **BAYESIAN)


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "parallel", "kills"), [(MANY, 1, 15), (HYPERBAND, 1, 20), (MANY, 2, 15)])
def test_fifty_kills(searching: Callable[..., Any], changes: dict[str, Any], parallel: int, kills: int) -> None:
    _kill_and_resume(searching, kills, parallel, most=2, **changes)
