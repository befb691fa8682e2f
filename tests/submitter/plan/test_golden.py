"""The request bodies and losses of each template at each target, and of each kind of spec, as files that a review sees change.

`CLOUD_NAS_GOLDEN=1 pytest tests/submitter/plan/test_golden.py` writes them anew.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job
from local_engine.definition import Prior
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, Int

GOLDEN = Path(__file__).parent / "golden"


class Case(NamedTuple):
    template: str
    on: str
    place: str = ""
    edits: Mapping[str, str] = MappingProxyType({})
    parent: str | None = None
    prior: int = 0
    space: Space | None = None


TUNING, ENGINE, AUTOPILOT = "sagemaker:tuning", "sagemaker:engine", "sagemaker:autopilot"
_RANDOM = {"strategy: hyperband\n  factor: 3": "strategy: random"}
_BAYESIAN = {"strategy: hyperband\n  factor: 3": "strategy: bayesian"}
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
    "warm-start": Case("image", TUNING, edits=_BAYESIAN, parent="r-2b3c4-1"),
    "warm-start-from-home": Case("image", TUNING, edits=_BAYESIAN, prior=12),
    "bayesian": Case("image", TUNING, "parallel: 5", edits=_BAYESIAN),
    "hyperband-factor": Case("image", TUNING, edits={"factor: 3": "factor: 4"}),
    "early-stopping": Case("image", TUNING, "tuning: {early_stopping: true}", edits=_RANDOM),
    "hard-space": Case("image", TUNING, edits=_BAYESIAN, space=_HARD),
    "grid": Case("image", TUNING, edits={"strategy: hyperband\n  factor: 3": "strategy: grid"}, space=_SMALL),
    "no-budget": Case("image", TUNING, edits={**_RANDOM, "time: 10m": "time: 90s"}),
    "caps": Case("image", TUNING, "max_runtime: 20m", edits={**_RANDOM, "time: 10m": "epochs: 25"}),
    "kept": Case("image", TUNING, edits={"fit: train+validation": "fit: keep\n  keep: all\n#"}),
    "long-engine": Case(
        "image", ENGINE, "max_runtime: 6d, parallel: 2, instance: ml.g5.12xlarge", edits={"time: 10m": "trials: 9"}
    ),
    "requirements": Case("image", TUNING, edits={"budget:": "code: {requirements: [einops]}\n\nbudget:"}),
}


@pytest.fixture
def job_of(make_job: Callable[..., Job]) -> Callable[[str], Job]:
    def make(name: str) -> Job:
        case = CASES[name]
        job = make_job(case.template, case.on, place=case.place, edits=case.edits, parent=case.parent, space=case.space)
        prior = tuple(Prior({"blocks": 1}, 0.5 + one / 100) for one in range(case.prior))
        return dataclasses.replace(
            job, definition=dataclasses.replace(job.definition, search=dataclasses.replace(job.definition.search, prior=prior))
        )

    return make


@pytest.mark.parametrize("name", CASES)
def test_a_plan_is_what_its_file_says(name: str, job_of: Callable[[str], Job]) -> None:
    job = job_of(name)
    target = find(CASES[name].on)
    plan = target.plan(job)
    assert isinstance(target, Submits) and target.validate(plan) == ()
    made = plan.to_json()
    shown = {key: made[key] for key in ("requests", "uploads", "losses", "place", "notes")}
    text = json.dumps(shown, indent=1, ensure_ascii=False) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("CLOUD_NAS_GOLDEN"):
        file.write_text(text)
    assert json.loads(text) == json.loads(file.read_text())


def test_there_is_no_file_without_a_plan() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CASES)
