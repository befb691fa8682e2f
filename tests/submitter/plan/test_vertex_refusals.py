"""What Vertex AI's tuner, or a job of ours there, cannot do: told before anything is sent, with the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.errors import UsageError
from cloud_nas.targets import find
from cloud_nas.targets.job import Job
from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Fixed, Float, Int

from .golden_case import GRID, RANDOM

TUNING, ENGINE = "vertex:tuning", "vertex:engine"

_REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "hyperband": (TUNING, {}, "no strategy hyperband", "early_stopping: median"),
    "nothing to search": (TUNING, {"space": Space((Fixed("units", 3),)), "edits": RANDOM}, "nothing to search", "engine"),
    "a list of a grid that is too long": (
        TUNING,
        {"space": Space((Float("rate", 0.0, 500.0, step=0.25),)), "edits": GRID},
        "1000 values, and rate has 2001 in a grid",
        "larger step",
    ),
    "whole numbers that are no more": (
        TUNING,
        {"space": Space((Int("units", 1, 2**63),)), "edits": RANDOM},
        "64 bits",
        "smaller range",
    ),
    "eight days": (ENGINE, {"place": "max_runtime: 8d"}, "7 days", "7d"),
    "Google's own image of TensorFlow 2.17": (
        ENGINE,
        {"place": "image: 'europe-docker.pkg.dev/vertex-ai/training/tf-gpu.2-17.py310:latest'"},
        "ended on 2026-07-11",
        "tensorflow/tensorflow:2.21.0",
    ),
    "an older one": (
        TUNING,
        {"place": "image: 'us-docker.pkg.dev/vertex-ai/training/tf-cpu.2-12.py310:latest'", "edits": RANDOM},
        "ended before 2026-07-11",
        "tensorflow/tensorflow:2.21.0",
    ),
    "another registry": (ENGINE, {"place": "image: 'registry.example.com/me/mine:1'"}, "registry.example.com", "Dockerfile"),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_it_is_refused_with_a_way_out(name: str, make_job: Callable[..., Job]) -> None:
    on, changes, message, hint = _REFUSED[name]
    job = make_job("image", on, **changes)
    with pytest.raises(UsageError) as raised:
        find(on).plan(job)
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")
    assert raised.value.code == "CN510"


@pytest.mark.parametrize(
    "changes",
    [
        {"space": Space(tuple(Int(f"p{n}", 1, 3) for n in range(300))), "edits": RANDOM},
        {"space": Space((Choice("units", list(range(1000))),)), "edits": RANDOM},
        {"space": Space((Float("rate", 0.0, 0.999, step=0.001),)), "edits": GRID},
        {"space": Space((Int("units", 1, 2**63 - 1),)), "edits": RANDOM},
        {"edits": {**RANDOM, "time: 10m": "trials: 10000"}, "place": "parallel: 100, max_runtime: 7d"},
        {"edits": RANDOM, "place": "image: me/mine"},
        {"edits": RANDOM, "place": "image: docker.io/me/mine:1"},
        {"edits": RANDOM, "place": "image: us-docker.pkg.dev/vertex-ai/training/tf-cpu.2-21.py311:latest"},
    ],
)
def test_what_is_allowed_is_taken_and_valid(changes: dict[str, Any], make_job: Callable[..., Job]) -> None:
    target = find(TUNING)
    plan = target.plan(make_job("image", TUNING, **changes))
    assert target.validate(plan) == ()  # type: ignore[attr-defined]


def test_no_more_trials_than_there_are_configurations(make_job: Callable[..., Job]) -> None:
    job = make_job("image", TUNING, space=Space((Int("units", 1, 4),)), edits=RANDOM, place="parallel: 9")
    sent = find(TUNING).plan(job).requests[0].body["hyperparameterTuningJob"]
    assert (sent["maxTrialCount"], sent["parallelTrialCount"], sent["maxFailedTrialCount"]) == (4, 4, 4)
