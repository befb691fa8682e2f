"""Many processes at one registry and one run: one run of one spec, one writer, and nobody who reads sees what is not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cloud_nas as cn
from cloud_nas.runs import Registry, RunRow

_START = """
import sys, time
from pathlib import Path
from cloud_nas.errors import RefusedError
from cloud_nas.operations._choose import claimed
from cloud_nas.operations._prepare import Prepared
from cloud_nas.runs import Identity, Registry
from cloud_nas.spec import definition_of, load

loaded = load(sys.argv[1])
search = Prepared(loaded, definition_of(loaded), None, None, Identity("s", "c", "d", "local"))
go = Path(sys.argv[2])
print("ready", flush=True)
while not go.exists():
    time.sleep(0.001)
with Registry() as registry:
    try:
        with claimed(registry, search, fresh=False) as choice:
            print("has", choice.row.run_id, choice.row.attempt, flush=True)
            sys.stdin.read()
    except RefusedError as error:
        print("refused", error.message, flush=True)
"""


def test_processes_that_start_the_same_new_spec_at_once_make_one_run(make_spec: Callable[..., Path], tmp_path: Path) -> None:
    spec, go = make_spec(), tmp_path / "go"
    command = [sys.executable, "-c", _START, str(spec), str(go)]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in started:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    go.touch()
    said = [process.stdout.readline().split() for process in started if process.stdout is not None]
    (row,) = cn.status()
    assert (row.state, row.attempt) == ("running", 1)
    winner = next(process for process, words in zip(started, said, strict=True) if words[0] == "has")
    assert sorted(words[0] for words in said) == ["has", "refused", "refused", "refused"]
    assert all(f"process {winner.pid} of" in " ".join(words) for words in said if words[0] == "refused")
    for process in started:
        process.communicate("")
    assert [one.state for one in cn.status()] == ["interrupted"]


# One process that writes as a search does, and forks of one that has everything imported, which look all the time.
_WRITER = """
import dataclasses, sys
from cloud_nas.home import run_folder
from cloud_nas.runs import Registry, RowObserver, writing
from cloud_nas.runs.journal import journal
from local_engine.events import EpochEnded, SearchEnded, SearchStarted, TrialEnded, TrialStarted
from local_engine.space.flat import Space
from local_engine.space.parameters import Int
from local_engine.study import Study

TRIALS = int(sys.argv[1])
folder = run_folder("r-aaaaa")
with Registry() as registry, writing(folder), journal(folder) as keep:
    follow = RowObserver(registry, registry.get("r-aaaaa"), "maximize")
    def tell(event):
        keep(event)
        follow(event)
    space = Space((Int("units", 1, 1000),))
    with Study(space, "random", "maximize", 3, folder / "study.sqlite3", trials=TRIALS) as study:
        print("writes", flush=True)
        tell(SearchStarted(TRIALS, None, None, ("units",)))
        while (trial := study.ask()) is not None:
            tell(TrialStarted(trial.number, trial.params, 1))
            tell(EpochEnded(trial.number, 1, {"loss": 0.5}, 0.5))
            study.tell(trial, trial.number / 1000, epochs=1, seconds=0.1)
            tell(TrialEnded(trial.number, "done", trial.number / 1000, trial.params, 1, 0.1))
        tell(SearchEnded(TRIALS - 1, (TRIALS - 1) / 1000, 1.0, "complete"))
    registry.update(dataclasses.replace(follow.row, state="succeeded"))
"""

_READERS = """
import json, os, sys, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)
import cloud_nas as cn
from cloud_nas.errors import RefusedError
from cloud_nas.home import run_folder
from cloud_nas.runs import writing
from local_engine.events import TrialEnded
import local_engine.study

def look():
    while True:
        (found,) = cn.status("r-aaaaa")
        yield found.trials.done, found.state

def trials():
    while True:
        state = cn.status("r-aaaaa")[0].state
        yield sum(one.state == "done" for one in cn.trials("r-aaaaa")), state

def logs():
    while True:
        state = cn.status("r-aaaaa")[0].state
        yield sum(isinstance(one.event, TrialEnded) for one in cn.logs("r-aaaaa")), state

def write():
    while True:
        try:
            with writing(run_folder("r-aaaaa")):
                yield 0, "ended" if cn.status("r-aaaaa")[0].state == "succeeded" else "NOT REFUSED"
        except RefusedError:
            yield 0, "running"

def child(kind, pipe):
    counts, seen = [], set()
    try:
        for count, state in kind():
            counts.append(count)
            seen.add(state)
            if state not in ("running", "pending"):
                break
            time.sleep(0.1)
        answer = {"falls": counts != sorted(counts), "most": max(counts), "looks": len(counts), "states": sorted(seen)}
    except BaseException as error:
        answer = {"error": repr(error)}
    os.write(pipe, (json.dumps(answer | {"kind": kind.__name__}) + "\\n").encode())
    os._exit(0)

read, write_end = os.pipe()
for number in range(20):
    if os.fork() == 0:
        child([look, trials, logs, look][number % 4] if number else write, write_end)
print("look", flush=True)
for _ in range(20):
    os.wait()
os.close(write_end)
with os.fdopen(read) as pipe:
    sys.stdout.write(pipe.read())
"""


def test_twenty_processes_that_look_while_one_writes_see_no_error_and_no_wrong_number(make_run: Callable[..., RunRow]) -> None:
    make_run()
    trials = 12
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(trials)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None and writer.stdout.readline() == "writes\n"
    readers = subprocess.run([sys.executable, "-c", _READERS], capture_output=True, text=True, check=False)
    assert writer.wait() == 0 and readers.returncode == 0, readers.stderr
    writer.stdout.close()
    found = [json.loads(line) for line in readers.stdout.splitlines()[1:]]
    assert len(found) == 20 and [one for one in found if "error" in one] == []
    assert not any(one["falls"] for one in found) and all(one["most"] <= trials for one in found)
    assert {state for one in found for state in one["states"]} <= {"running", "succeeded", "ended"}
    assert sum(one["looks"] for one in found) > 40, "they looked while it wrote"
    with Registry() as registry:
        assert registry.get("r-aaaaa").trials.done == trials
