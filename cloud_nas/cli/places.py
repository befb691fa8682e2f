"""The targets in a cloud, as help texts name them; a test holds them to be those that there are."""

from __future__ import annotations

IN_A_CLOUD = "sagemaker:autopilot|tuning|engine or vertex:automl|tuning|engine"
