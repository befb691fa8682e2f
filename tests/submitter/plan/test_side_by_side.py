"""The README's table of one spec at all targets in a cloud is what the conversions do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_nas.targets import find, names
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job, Rows
from cloud_nas.targets.plan import Plan
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Int

from .conftest import space_of
from .side_by_side import rows_of, table

README = Path(__file__).parents[3] / "README.md"
TARGETS = [name for name in names() if isinstance(find(name), Submits)]

_EDITS = {
    "trials: 10": "trials: 10\n  epochs: 150",
    "budget:": "code: {requirements: [einops]}\n\nfinal: {fit: train+validation, keep: best}\n\nbudget:",
}
_ROWS = Rows("table", 1280, 320, 400, {"no": (850, 213), "yes": (430, 107)}, {"age": "number", "plan": "category"}, "customers")
_CONDITIONAL = Space((Choice("block", ["plain", "gated"]), Int("gates", 1, 4, conditions=Parent("block", "gated"))))
_PLACES = {
    "sagemaker": (
        "instance: ml.g5.xlarge, image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1', volume: 100, spot: true, "
        "max_runtime: 20m, subnets: [subnet-1], security_groups: [sg-1], kms_key: alias/mine, tags: {team: vision}"
    ),
    "vertex": (
        "machine: n1-standard-8, accelerator: NVIDIA_TESLA_T4, image: me/mine:1, volume: 200, spot: true, max_runtime: 20m, "
        "service_account: trainer@my-project.iam.gserviceaccount.com, network: projects/123456789012/global/networks/mine, "
        "kms_key: projects/keys/locations/europe-west4/keyRings/ring/cryptoKeys/key, labels: {team: vision}"
    ),
}


@pytest.fixture
def plans(make_job: Callable[..., Job]) -> dict[str, Plan]:
    """The template of tables with 2,000 rows and a conditional hyperparameter, everything said that can be of the place."""
    space = space_of("table").merge(_CONDITIONAL)

    def plan(on: str) -> Plan:
        return find(on).plan(make_job("table", on, place=_PLACES[on.partition(":")[0]], edits=_EDITS, rows=_ROWS, space=space))

    return {on: plan(on) for on in TARGETS}


def test_there_is_a_column_for_every_target_and_a_row_for_every_loss(plans: dict[str, Plan]) -> None:
    assert len(plans) >= 6
    for plan in plans.values():
        for loss in plan.losses:
            assert rows_of(plan, loss), f"{plan.target}: {loss.path} ({loss.code}) is in no row"


def test_the_readme_has_this_table(plans: dict[str, Plan]) -> None:
    """`CLOUD_NAS_GOLDEN=1` writes it there anew."""
    made, text = table(plans), README.read_text()
    if os.environ.get("CLOUD_NAS_GOLDEN"):
        text = re.sub(r"^\| what the spec says .*\n(\|.*\n)*", made, text, flags=re.MULTILINE)
        README.write_text(text)
    assert made in text
