"""Vertex AI's targets pass the suite of any target, against the stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.targets import find
from cloud_nas.targets.base import Target
from cloud_nas.testing import TargetSuite

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn


class _OnVertex(TargetSuite):
    on = ""

    @pytest.fixture(autouse=True)
    def at(self, google: StandIn) -> None:
        self.google = google

    def target(self) -> Target:
        return find(self.on)

    def place(self) -> Mapping[str, Any]:
        return {"project": self.google.project, "location": self.google.location, "bucket": self.google.bucket}


class TestTuning(_OnVertex):
    on = "vertex:tuning"


class TestEngine(_OnVertex):
    on = "vertex:engine"


class TestAutoML(_OnVertex):
    on = "vertex:automl"
