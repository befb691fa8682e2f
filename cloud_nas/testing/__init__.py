"""Suites that hold an extension to its contract, for our own targets and for those of others. They run under pytest."""

from cloud_nas.testing.targets import TargetSuite

__all__ = ["TargetSuite"]
