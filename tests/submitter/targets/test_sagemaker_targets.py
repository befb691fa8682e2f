"""SageMaker's targets pass the suite of any target, against the stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.targets import find
from cloud_nas.targets.base import Target
from cloud_nas.testing import TargetSuite

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


class _OnSageMaker(TargetSuite):
    on = ""

    @pytest.fixture(autouse=True)
    def at(self, cloud: StandIn) -> None:
        self.cloud = cloud

    def target(self) -> Target:
        return find(self.on)

    def place(self) -> Mapping[str, Any]:
        return {"region": self.cloud.region, "bucket": self.cloud.bucket, "role": self.cloud.role}


class TestTuning(_OnSageMaker):
    on = "sagemaker:tuning"


class TestEngine(_OnSageMaker):
    on = "sagemaker:engine"


class TestAutopilot(_OnSageMaker):
    on = "sagemaker:autopilot"
