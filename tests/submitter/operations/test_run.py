"""`run` through the Python door: a search from a spec to a tested model, found again, gone on with, interrupted, refused."""

from __future__ import annotations

import dataclasses
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.home import run_folder
from cloud_nas.runs import Registry, writing
from local_engine.events import EpochEnded, Event, TrialEnded, TrialStarted

MakeSpec = Callable[..., Path]
QUICK = {"budget": "{trials: 1}", "train": "{epochs: 1, batch_size: 256}", "final": "{fit: keep}"}


def started(events: list[Event]) -> set[int]:
    return {event.number for event in events if isinstance(event, TrialStarted)}


def test_a_run_has_what_scripts_read(finished: cn.RunResult) -> None:
    shown = finished.to_json()
    assert {
        "run_id", "target", "state", "spec_sha256", "best", "trials", "seconds", "model", "remote", "attempt"
    } <= set(shown)  # fmt: skip
    assert shown["state"] == "succeeded" and shown["target"] == "local" and shown["remote"] is None
    assert shown["trials"] == {"done": 2, "failed": 0, "pruned": 0, "total": 2}
    assert set(shown["best"]) == {"trial", "value", "params"}
    assert shown["seconds"] > 0
    assert Path(shown["model"]).is_absolute() and finished.model_dir == Path(shown["model"])


def test_the_best_is_the_best_of_the_trials(finished: cn.RunResult) -> None:
    assert finished.best is not None
    values = [trial.value for trial in finished.trials]
    assert finished.best.value == max(value for value in values if value is not None)
    assert finished.trials[finished.best.trial].params == finished.best.params
    assert finished.test is not None and finished.test["accuracy"] > 0.5


def test_the_run_folder_is_whole(finished: cn.RunResult) -> None:
    folder = run_folder(finished.run_id)
    assert {"spec.yaml", "definition.json", "study.sqlite3", "trials", "model"} <= {path.name for path in folder.iterdir()}
    assert (folder / "model" / "predictions.parquet").is_file()
    assert folder.stat().st_mode & 0o077 == 0


def test_the_same_again_trains_nothing(finished_run: Any) -> None:
    for spec, budget in ((finished_run.spec, {}), (cn.load(finished_run.spec), {"max_trials": 1, "max_time": "1h"})):
        events: list[Event] = []
        again = cn.run(spec, observers=[events.append], **budget)
        assert again.reused and not started(events)
        assert again.to_json() | {"reused": False} == finished_run.result.to_json()
        assert any("nothing was trained" in note for note in again.notes)


def test_a_larger_budget_goes_on(finished_copy: Any) -> None:
    events: list[Event] = []
    first = finished_copy.result
    larger = cn.run(finished_copy.spec, max_trials=3, observers=[events.append])
    assert larger.run_id == first.run_id and larger.attempt == 2 and not larger.reused
    assert started(events) == {2} and larger.trials.done == 3
    assert list(larger.trials)[:2] == list(first.trials)
    assert larger.seconds > first.seconds


def test_what_differs_is_said_and_makes_a_new_run(finished_copy: Any, make_spec: MakeSpec) -> None:
    spec = make_spec(**QUICK)
    model = spec.parent / "model.py"
    model.write_text(model.read_text().replace("[8, 16, 32, 64]", "[8, 16, 32]"))
    first = finished_copy.result
    second = cn.run(spec)
    assert second.run_id != first.run_id
    assert f"the spec and the code changed since {first.run_id}: this is a new run" in second.notes
    renamed = spec.with_name("other.yaml")
    renamed.write_text(spec.read_text().replace("name: digits", "name: other"))
    assert cn.run(renamed).run_id == second.run_id
    anew = cn.run(spec, fresh=True)
    assert anew.run_id != second.run_id and anew.best == second.best and anew.test == second.test


def test_a_function_of_a_notebook_is_a_model_too_and_a_warning_does_not_stop_it(make_spec: MakeSpec) -> None:
    import keras

    def tiny(hp: Any) -> Any:
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])
        model.compile(keras.optimizers.Adam(hp.Float("lr", 1e-3, 1e-2)), "sparse_categorical_crossentropy")
        return model

    result = cn.run(make_spec(**QUICK), model=tiny)
    assert result.state == "succeeded" and result.best is not None and set(result.best.params) == {"lr"}
    assert any("softmax" in note for note in result.notes)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(finished_once: Any, make_spec: MakeSpec) -> None:
    spec = make_spec()

    def interrupt(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.number == 1:
            signal.raise_signal(signal.SIGINT)

    stopped = cn.run(spec, observers=[interrupt])
    assert stopped.state == "interrupted" and stopped.model is None
    assert [one.state for one in cn.status(stopped.run_id)] == ["interrupted"]
    events: list[Event] = []
    whole = cn.run(spec, observers=[events.append])
    assert whole.run_id == stopped.run_id and whole.state == "succeeded"
    assert started(events) == {1}
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [2]
    undisturbed = finished_once.result
    assert whole.best == undisturbed.best and whole.test == undisturbed.test


def test_a_second_ctrl_c_stops_now(make_spec: MakeSpec) -> None:
    spec = make_spec(**QUICK)

    def insist(event: Event) -> None:
        if isinstance(event, EpochEnded):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        cn.run(spec, observers=[insist])
    assert signal.getsignal(signal.SIGINT) is before
    assert [one.state for one in cn.status()] == ["interrupted"]


def test_a_second_writer_is_refused(finished_run: Any) -> None:
    run_id = finished_run.result.run_id
    with writing(run_folder(run_id)), pytest.raises(cn.RefusedError, match="is being written by process"):
        cn.run(finished_run.spec, max_trials=3)
    assert cn.status(run_id)[0].state == "succeeded"


def test_a_run_whose_process_is_gone_is_interrupted_and_goes_on(finished_copy: Any) -> None:
    first = finished_copy.result
    with Registry() as registry:
        registry.update(dataclasses.replace(registry.get(first.run_id), state="running"))
    (gone,) = cn.status()
    assert gone.state == "interrupted" and "process is gone" in (gone.note or "")
    events: list[Event] = []
    again = cn.run(finished_copy.spec, observers=[events.append])
    assert again.run_id == first.run_id and again.state == "succeeded" and not started(events)
    assert again.best == first.best and again.test == first.test


def test_all_trials_failed_is_said_with_their_reason(make_spec: MakeSpec) -> None:
    broken = "def build(hp):\n    hp.Int('units', 1, 9)\n    raise ValueError('no such thing')\n"
    with pytest.raises((cn.FailedError, cn.UsageError), match="no such thing"):
        cn.run(make_spec(model=broken))


def test_a_cap_that_leaves_nothing_is_a_cap(make_spec: MakeSpec) -> None:
    spec = make_spec()
    cn.run(spec, observers=[lambda event: signal.raise_signal(signal.SIGINT) if isinstance(event, EpochEnded) else None])
    with pytest.raises(cn.CapError, match="the time is over") as error:
        cn.run(spec, max_time=0.001)
    assert error.value.exit_status == 7
    (row,) = cn.status()
    assert row.state == "failed" and row.best is None


def test_a_spec_that_is_not_valid_starts_nothing(make_spec: MakeSpec, home: Path) -> None:
    with pytest.raises(cn.SpecError):
        cn.run(make_spec(search="{strategy: randm}"))
    with pytest.raises(cn.UsageError, match="not a budget"):
        cn.run(cn.load(make_spec()), max_trials=0)
    assert not list(home.glob("runs/*"))


def test_trials_say_what_became_of_each(finished: cn.RunResult) -> None:
    found = cn.trials(finished.run_id)
    assert [trial.number for trial in found] == [0, 1]
    assert set(found[0].to_json()) == {"number", "state", "value", "params", "epochs", "seconds", "reason"}
    assert all(trial.state == "done" and trial.epochs == 2 for trial in found)


def test_events_and_row_agree(finished_run: Any) -> None:
    ended = [event for event in finished_run.events if isinstance(event, TrialEnded)]
    (row,) = cn.status()
    assert len(ended) == row.trials.done == finished_run.result.trials.done == 2
    assert row.best == finished_run.result.best
