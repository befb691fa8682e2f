"""AWS's own client, as the tests of the stand-in use it, and waiting for jobs that really run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.rehearse.aws import StandIn


@pytest.fixture
def aws() -> Callable[..., Any]:
    """`aws(service)`: a client of boto3."""
    import boto3

    return boto3.client


@pytest.fixture
def wait_for() -> Callable[..., None]:
    """Waits until every job of a stand-in has ended."""

    def wait(cloud: StandIn, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        while cloud.world.anything_live():
            assert time.monotonic() < ends, "the jobs do not end"
            time.sleep(0.02)

    return wait
