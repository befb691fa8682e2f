"""The request bodies and losses of each template at Vertex AI, and of each kind of spec, as files that a review sees change.

`CLOUD_NAS_GOLDEN=1 pytest tests/submitter/plan/test_vertex_golden.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cloud_nas.targets.job import Job
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, Int

from .golden_case import BAYESIAN, GOLDEN, GRID, RANDOM, Case

TUNING, ENGINE = "vertex:tuning", "vertex:engine"
FILES = GOLDEN / "vertex"
_COMPANY = (
    "network: projects/123456789012/global/networks/research, "
    "service_account: trainer@my-project.iam.gserviceaccount.com, "
    "kms_key: projects/keys/locations/europe-west4/keyRings/ring/cryptoKeys/key, "
    "labels: {team: vision, cost-centre: '4711'}, volume: 200, prefix: research/nas/, parallel: 4"
)

_TREE = Space(
    (
        Choice("kind", ["conv", "dense"]),
        Int("units", 8, 64, step=8, conditions=Parent("kind", "conv")),
        Int("units", 1, 4, conditions=Parent("kind", "dense")),
        Choice("activation", ["relu", "gelu"], conditions=[Parent("kind", "dense"), Parent("units", [3, 4])]),
        Boolean("deep"),
        Int("layers", 2, 5, conditions=Parent("deep", True)),
        Float("dropout", 0.0, 0.5, step=0.25, conditions=[Parent("deep", True), Parent("layers", [4, 5])]),
        Float("rate", 1e-5, 1e-1, sampling="log"),
        Fixed("width", 16),
    )
)
_HARD = Space(
    (
        Choice("units", [16, 32, 64]),
        Choice("order", [3, 1, 2]),
        Int("heads", 2, 16, step=2),
        Float("momentum", 0.5, 0.99, sampling="reverse_log"),
        Float("fine", 0.0, 1.0, step=0.0001),
        Int("filters", 8, 64, sampling="log"),
        Int("two words", 1, 3),
        Int("late", 1, 3, conditions=Parent("momentum", [0.5])),
        Int("both", 1, 3, conditions=[Parent("units", 16), Parent("heads", 2)]),
    )
)
_GRID = Space(
    (
        Choice("kind", ["plain", "deep"]),
        Int("layers", 1, 4, conditions=Parent("kind", ["deep"])),
        Boolean("bias"),
        Float("dropout", 0.0, 0.5, step=0.25),
        Float("rate", 0.001, 0.1, sampling="log"),
    )
)

CASES = {
    "image-tuning": Case("image", TUNING, edits=RANDOM),
    "image-engine": Case("image", ENGINE),
    "sklearn-tuning": Case("sklearn", TUNING),
    "sklearn-engine": Case("sklearn", ENGINE),
    "table-tuning": Case("table", TUNING),
    "table-engine": Case("table", ENGINE),
    "text-tuning": Case("text", TUNING),
    "text-engine": Case("text", ENGINE),
    "company-tuning": Case("image", TUNING, _COMPANY, edits=RANDOM),
    "company-engine": Case("image", ENGINE, _COMPANY),
    "spot-tuning": Case("image", TUNING, "spot: true, max_runtime: 30m", edits=RANDOM),
    "spot-engine": Case("image", ENGINE, "spot: true, max_runtime: 2h, retries: true"),
    "retries": Case("image", ENGINE, "retries: true"),
    "gpu-tuning": Case("image", TUNING, "machine: n1-standard-8, accelerator: NVIDIA_TESLA_T4, accelerators: 2", edits=RANDOM),
    "own-gpu-engine": Case("image", ENGINE, "machine: g2-standard-24, location: us-central1"),
    "own-image": Case("image", ENGINE, "image: 'europe-west4-docker.pkg.dev/my-project/mine/trainer:1'"),
    "tree": Case("image", TUNING, edits=BAYESIAN, space=_TREE),
    "hard-space": Case("image", TUNING, edits=BAYESIAN, space=_HARD),
    "grid": Case("image", TUNING, edits=GRID, space=_GRID),
    "cut-grid": Case("image", TUNING, edits={**GRID, "time: 10m": "trials: 20"}, space=_GRID),
    "median": Case("image", TUNING, "tuning: {early_stopping: median, measurement: last}", edits=RANDOM),
    "decay-curve": Case("image", TUNING, "tuning: {early_stopping: decay_curve, failed_trials: 3}", edits=BAYESIAN),
    "convex": Case("image", TUNING, "tuning: {early_stopping: convex}", edits=BAYESIAN),
    "bayesian": Case("image", TUNING, "parallel: 5", edits={**BAYESIAN, "time: 10m": "trials: 60"}),
    "warm-start": Case("image", TUNING, edits=BAYESIAN, parent="r-2b3c4-1"),
    "warm-start-from-home": Case("image", TUNING, edits=BAYESIAN, prior=12),
    "caps": Case("image", TUNING, "max_runtime: 20m", edits={**RANDOM, "time: 10m": "epochs: 25"}),
    "kept": Case("image", TUNING, edits={**RANDOM, "fit: train+validation": "fit: keep\n  keep: all\n#"}),
    "requirements": Case("image", TUNING, edits={**RANDOM, "budget:": "code: {requirements: [einops]}\n\nbudget:"}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_is_what_its_file_says(name: str, make_job: Callable[..., Job]) -> None:
    CASES[name].check(make_job, FILES / f"{name}.json")


def test_there_is_no_file_without_a_plan() -> None:
    assert {file.stem for file in FILES.glob("*.json")} == set(CASES)
