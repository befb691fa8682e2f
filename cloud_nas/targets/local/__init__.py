"""This machine: the engine, in the process that asks."""

from cloud_nas.targets.local.target import LocalTarget

__all__ = ["LocalTarget"]
