"""`status` of many jobs waits no longer than the lists take that it needs, at two a second of each operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.targets.sagemaker import client
from cloud_nas.targets.sagemaker.pacing import Limiter

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


def test_a_hundred_jobs_of_a_kind_take_the_time_of_their_pages(
    submit: Callable[..., Any], cloud: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(102):
        submit(cloud, "autopilot", f"r-a{number:04}"[:7])
    waited: list[float] = []
    time = [0.0]

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        time[0] += seconds

    monkeypatch.setattr(client, "LIMITER", Limiter(2.0, clock=lambda: time[0], sleep=sleep))
    before = len(cloud.requests)
    found = cn.status()
    asked = [one.operation for one in cloud.requests[before:]]
    assert {(one.state, one.source) for one in found} == {("running", "cloud")} and len(found) == 102
    assert asked == ["ListAutoMLJobs"] * 2
    assert waited == [0.5]
