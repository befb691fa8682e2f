"""Held-out rows that are also among those that would travel: counted by `plan`, refused by `submit` until they are allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


@pytest.fixture
def doubled(table: Path) -> Path:
    """A table each of whose rows is there twice."""
    path = table.parent / "rows.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *rows, *rows]) + "\n")
    return table


def test_a_job_with_held_out_rows_among_its_uploads_is_refused(doubled: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    shown = screen("submit", str(doubled), "--on", "sagemaker:autopilot", "--yes")
    assert shown.status == 9, shown.stderr
    assert "held-out rows are also in training or validation" in shown.stderr and "--allow-overlap" in shown.stderr
    assert "CN702" in shown.stderr
    assert not cloud.requests
    assert screen("status").stdout.count("r-") == 0


def test_it_is_made_where_that_is_allowed(doubled: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    shown = screen("submit", str(doubled), "--on", "sagemaker:autopilot", "--yes", "--allow-overlap", "--json")
    assert shown.status == 0, shown.stderr
    assert "held-out rows are also in training or validation" in shown.stderr
    assert json.loads(shown.stdout)["remote"]
    attached = screen("submit", str(doubled), "--on", "sagemaker:autopilot", "--yes")
    assert attached.status == 0, "nothing is sent where the job is at work already"


def test_a_plan_says_it_and_its_file_is_refused_as_the_spec_is(doubled: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    shown = screen("plan", str(doubled), "--on", "sagemaker:autopilot", "--out", "plan.json", "--json")
    assert shown.status == 0, shown.stderr
    (note,) = [text for text in json.loads(shown.stdout)["notes"] if "--allow-overlap" in text]
    held_out = int(note.split()[3])
    assert 0 < int(note.split()[0]) <= held_out == 180
    assert screen("submit", "plan.json", "--yes").status == 9
    assert screen("submit", "plan.json", "--yes", "--allow-overlap").status == 0


def test_the_data_themselves_do_not_travel_as_code(spec: Path, screen: Callable[..., Any]) -> None:
    (spec.parent / "data").mkdir()
    held_out = spec.parent / "data" / "heldout.csv"
    held_out.write_text("a,b,y\n" + "".join(f"{number},1,{'yn'[number % 2]}\n" for number in range(10)))
    (spec.parent / "rows.csv").write_text(
        "a,b,y\n" + "".join(f"{number},2,{'yn'[number % 2]}\n" for number in range(100)))  # fmt: skip
    lines = [line for line in spec.read_text().splitlines() if not line.startswith(("task:", "data:", "code:"))]
    lines += [
        "task: tabular-classification",
        "data: {source: rows.csv, target: y, split: {test: data/heldout.csv}}",
        "code: {include: [data/]}",
    ]
    spec.write_text("\n".join(lines) + "\n")
    shown = screen("plan", str(spec), "--on", "sagemaker:tuning")
    assert shown.status == 9, shown.stderr
    assert "heldout.csv holds held-out rows" in shown.stderr
