"""Vertex AI, by the contract of `cloud_nas.targets.base`."""

from cloud_nas.targets.vertex.target import AutoML, Engine, Tuning

__all__ = ["AutoML", "Engine", "Tuning"]
