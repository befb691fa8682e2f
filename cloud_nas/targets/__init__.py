"""Places that a search can run at: a folder each, with the same file names in each, behind the contract in `base.py`.

The table below names the places by import path, so that asking for one imports no other. A package adds its own by an entry point
in the group `cloud_nas.targets`, named as the target is, that loads to a subclass of `Target`.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points

from cloud_nas.errors import UsageError
from cloud_nas.targets.base import Target

__all__ = ["GROUP", "Target", "find", "names"]

GROUP = "cloud_nas.targets"
_OURS = {
    "local": "cloud_nas.targets.local:LocalTarget",
    "sagemaker:autopilot": "cloud_nas.targets.sagemaker:Autopilot",
    "sagemaker:tuning": "cloud_nas.targets.sagemaker:Tuning",
    "sagemaker:engine": "cloud_nas.targets.sagemaker:Engine",
    "vertex:automl": "cloud_nas.targets.vertex:AutoML",
    "vertex:tuning": "cloud_nas.targets.vertex:Tuning",
    "vertex:engine": "cloud_nas.targets.vertex:Engine",
}


def names() -> tuple[str, ...]:
    """Every target there is, ours first."""
    return (*_OURS, *sorted(point.name for point in entry_points(group=GROUP) if point.name not in _OURS))


def find(name: str) -> Target:
    """The target of this name.

    Raises:
        UsageError: there is none.
    """
    if name in _OURS:
        module, _, attribute = _OURS[name].partition(":")
        kind = getattr(importlib.import_module(module), attribute)
    else:
        points = [point for point in entry_points(group=GROUP) if point.name == name]
        if not points:
            raise UsageError(f"no target {name}", hint=f"targets are: {', '.join(names())}")
        kind = points[0].load()
    target: Target = kind()
    return target
