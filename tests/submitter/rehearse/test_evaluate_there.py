"""`evaluate RUN DATA` of an Autopilot run: its service scores the held-out rows, where somebody says so and pays for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.models import predictions

from .samples import SIZES, write_table

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

MADE = ("CreateModel", "CreateTransformJob")


def test_held_out_rows_are_scored_by_the_service_only_where_that_is_confirmed_and_cheap_enough(
    make_cloud: Callable[..., StandIn],
    make_spec: Callable[..., Path],
    wait_for: Callable[..., None],
    screen: Callable[..., Any],
    home: Path,
) -> None:
    cloud = make_cloud()
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    spec = make_spec(spec=SIZES, targets=place)
    table = write_table(spec.parent / "table.csv")
    submitted = screen("submit", str(spec), "--on", "sagemaker:autopilot", "--yes", "--json")
    assert submitted.status == 0, submitted.stderr
    run = json.loads(submitted.stdout)["run_id"]
    wait_for(cloud)

    keys = set(cloud.storage.keys(f"s3://{cloud.bucket}/"))
    unasked = screen("evaluate", run, str(table))
    assert unasked.status == 9
    assert "not confirmed" in unasked.stderr and "--yes" in unasked.stderr
    for operation in MADE:
        assert f"sagemaker: {operation}" in unasked.stderr
    assert "cost: estimate" in unasked.stderr
    dear = screen("evaluate", run, str(table), "--yes", "--max-cost", "0.0001", "--accept-estimate")
    assert dear.status == 9
    assert "is estimated to cost" in dear.stderr and "may cost $0.00" in dear.stderr
    estimated = screen("evaluate", run, str(table), "--yes", "--max-cost", "50")
    assert estimated.status == 9
    assert "--accept-estimate" in estimated.stderr
    assert not [one for operation in MADE for one in cloud.asked(operation)]
    assert set(cloud.storage.keys(f"s3://{cloud.bucket}/")) == keys

    options = ("--yes", "--max-cost", "50", "--accept-estimate", "--json")
    scored = screen("evaluate", run, str(table), *options)
    assert scored.status == 0, scored.stderr
    found = json.loads(scored.stdout)
    assert (found["n"], found["part"]) == (120, "test")
    assert 0.7 < found["metrics"]["accuracy"] <= 1
    held = predictions.read(home / "runs" / run / "candidate" / "predictions.parquet")
    assert held.n == len(set(held.row_id)) == 120
    assert held.label is not None
    assert found["metrics"]["accuracy"] == pytest.approx(float((held.prediction == held.label).mean()))
    assert [len(cloud.asked(operation)) for operation in MADE] == [1, 1]
    sent = [
        cloud.storage.get(key) for key in cloud.storage.keys(f"s3://{cloud.bucket}/") if "/scored/" in key and "/rows/" in key
    ]
    assert sent and not any(b"big" in content or b"small" in content for content in sent)

    again = screen("evaluate", run, str(table), *options)
    assert again.status == 0, again.stderr
    assert json.loads(again.stdout)["metrics"] == found["metrics"]
    assert [len([one for one in cloud.asked(operation) if one.error is None]) for operation in MADE] == [1, 1]
    assert cn.status()[0].state == "succeeded"

    fetched = screen("fetch", run, "--json")
    assert fetched.status == 0, fetched.stderr
    assert predictions.read(home / "runs" / run / "candidate" / "predictions.parquet").n == 120  # paid for, so not lost
    assert json.loads(fetched.stdout)["runnable"] is False
