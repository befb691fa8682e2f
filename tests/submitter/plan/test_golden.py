"""The request bodies and losses of each template at each target, and of each kind of spec, as files that a review sees change.

`CLOUD_NAS_GOLDEN=1 pytest tests/submitter/plan/test_golden.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cloud_nas.targets.job import Job
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, Int

from .golden_case import BAYESIAN, GOLDEN, GRID, RANDOM, Case

TUNING, ENGINE, AUTOPILOT = "sagemaker:tuning", "sagemaker:engine", "sagemaker:autopilot"
_COMPANY = (
    "subnets: [subnet-0a1b2c3d, subnet-4e5f6a7b], security_groups: [sg-0123456789abcdef0], "
    "kms_key: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab', isolated: true, "
    "tags: {team: vision, cost-centre: '4711'}, volume: 100, prefix: research/nas/, parallel: 4"
)

_SMALL = Space(
    (
        Choice("kind", ["plain", "deep"]),
        Int("layers", 1, 4, conditions=Parent("kind", ["deep"])),
        Boolean("bias"),
        Float("dropout", 0.0, 0.5, step=0.25),
        Fixed("width", 16),
    )
)
_HARD = Space(
    (
        Choice("units", [16, 32, 64]),
        Int("heads", 2, 16, step=2),
        Float("momentum", 0.5, 0.99, sampling="reverse_log"),
        Int("filters", 8, 64, sampling="reverse_log"),
        Float("rate", 1e-5, 1e-1, sampling="log"),
        Int("a=b", 1, 3),
    )
)

CASES = {
    "image-tuning": Case("image", TUNING),
    "image-engine": Case("image", ENGINE),
    "image-autopilot": Case("image", AUTOPILOT),
    "sklearn-tuning": Case("sklearn", TUNING),
    "sklearn-engine": Case("sklearn", ENGINE),
    "table-tuning": Case("table", TUNING),
    "table-engine": Case("table", ENGINE),
    "table-autopilot": Case("table", AUTOPILOT),
    "text-tuning": Case("text", TUNING),
    "text-engine": Case("text", ENGINE),
    "text-autopilot": Case("text", AUTOPILOT),
    "company-tuning": Case("image", TUNING, _COMPANY),
    "company-engine": Case("image", ENGINE, _COMPANY),
    "company-autopilot": Case("table", AUTOPILOT, _COMPANY),
    "spot-tuning": Case("image", TUNING, "spot: true, max_runtime: 30m"),
    "spot-engine": Case("image", ENGINE, "spot: true, max_runtime: 2h"),
    "gpu-tuning": Case("image", TUNING, "instance: ml.g5.xlarge, volume: 100, kms_key: alias/search"),
    "own-image": Case("image", ENGINE, "image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1'"),
    "china": Case("image", TUNING, "region: cn-north-1, role: 'arn:aws-cn:iam::123456789012:role/search'"),
    "warm-start": Case("image", TUNING, edits=BAYESIAN, parent="r-2b3c4-1"),
    "warm-start-from-home": Case("image", TUNING, edits=BAYESIAN, prior=12),
    "bayesian": Case("image", TUNING, "parallel: 5", edits=BAYESIAN),
    "hyperband-factor": Case("image", TUNING, edits={"factor: 3": "factor: 4"}),
    "early-stopping": Case("image", TUNING, "tuning: {early_stopping: true}", edits=RANDOM),
    "hard-space": Case("image", TUNING, edits=BAYESIAN, space=_HARD),
    "grid": Case("image", TUNING, edits=GRID, space=_SMALL),
    "no-budget": Case("image", TUNING, edits={**RANDOM, "time: 10m": "time: 90s"}),
    "caps": Case("image", TUNING, "max_runtime: 20m", edits={**RANDOM, "time: 10m": "epochs: 25"}),
    "kept": Case("image", TUNING, edits={"fit: train+validation": "fit: keep\n  keep: all\n#"}),
    "long-engine": Case(
        "image", ENGINE, "max_runtime: 6d, parallel: 2, instance: ml.g5.12xlarge", edits={"time: 10m": "trials: 9"}
    ),
    "requirements": Case("image", TUNING, edits={"budget:": "code: {requirements: [einops]}\n\nbudget:"}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_is_what_its_file_says(name: str, make_job: Callable[..., Job]) -> None:
    CASES[name].check(make_job, GOLDEN / f"{name}.json")


def test_there_is_no_file_without_a_plan() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CASES)
