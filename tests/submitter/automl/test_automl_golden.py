"""The requests and losses of each kind of AutoML job, as files that a review sees change.

`CLOUD_NAS_GOLDEN=1 pytest tests/submitter/automl/test_automl_golden.py` writes them anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_engine.definition import Budget

from ..plan.golden_case import Case
from .samples import DIGITS, THREE, TWO, job

GOLDEN = Path(__file__).parent / "golden"
COMPANY = {
    "kms_key": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k",
    "service_account": "trainer@my-project.iam.gserviceaccount.com",
    "labels": {"team": "vision"},
    "prefix": "research/nas/",
}
CASES: dict[str, dict[str, Any]] = {
    "two-classes": {"classes": TWO, "metric": "auc"},
    "three-classes": {"classes": THREE, "metric": "f1"},
    "regression": {"metric": "mae", "automl": {"node_hours": 2.5}},
    "images": {"kind": "image", "classes": DIGITS},
    "edge": {"kind": "image", "classes": DIGITS, "automl": {"model": "edge-balanced"}, "budget": Budget(trials=9, seconds=5400)},
    "company": {"classes": TWO, "place": COMPANY},
}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_is_what_its_file_says(name: str) -> None:
    Case("", "vertex:automl").check(lambda *template, **edits: job(**CASES[name]), GOLDEN / f"{name}.json")


def test_there_is_no_file_without_a_plan() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CASES)
