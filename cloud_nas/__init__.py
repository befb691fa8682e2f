"""One search spec for hyperparameters and architectures: run it, keep a trained and tested model, use it, compare it.

    import cloud_nas as cn

    result = cn.run("spec.yaml")
    result.best.params, result.test, result.model_dir

Importing this imports nothing heavy; each name comes with its first use.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloud_nas.errors import (
        CancelledError,
        CapError,
        CloudNasError,
        FailedError,
        MissingExtraError,
        NotFoundError,
        RefusedError,
        SpecError,
        UsageError,
    )
    from cloud_nas.operations.adopt import adopt, orphans
    from cloud_nas.operations.cancel import cancel
    from cloud_nas.operations.check import check
    from cloud_nas.operations.compare import Compared, compare
    from cloud_nas.operations.evaluate import evaluate
    from cloud_nas.operations.export import export
    from cloud_nas.operations.fetch import fetch
    from cloud_nas.operations.handle import Run
    from cloud_nas.operations.logs import logs
    from cloud_nas.operations.plan import PlanResult, plan
    from cloud_nas.operations.predict import predict
    from cloud_nas.operations.rehearse import rehearse
    from cloud_nas.operations.report import report
    from cloud_nas.operations.reproduce import reproduce
    from cloud_nas.operations.result import RunResult
    from cloud_nas.operations.run import run
    from cloud_nas.operations.show import show
    from cloud_nas.operations.status import RunStatus, status
    from cloud_nas.operations.submit import submit
    from cloud_nas.operations.trials import trials
    from cloud_nas.operations.verify import verify
    from cloud_nas.operations.wait import wait
    from cloud_nas.spec import Diagnostic, LoadedSpec, Spec, load

__version__ = "0.1.0"

__all__ = [
    "CancelledError",
    "CapError",
    "CloudNasError",
    "Compared",
    "Diagnostic",
    "FailedError",
    "LoadedSpec",
    "MissingExtraError",
    "NotFoundError",
    "PlanResult",
    "RefusedError",
    "Run",
    "RunResult",
    "RunStatus",
    "Spec",
    "SpecError",
    "UsageError",
    "adopt",
    "cancel",
    "check",
    "compare",
    "evaluate",
    "export",
    "fetch",
    "load",
    "logs",
    "orphans",
    "plan",
    "predict",
    "rehearse",
    "report",
    "reproduce",
    "run",
    "show",
    "status",
    "submit",
    "trials",
    "verify",
    "wait",
]

_OPERATIONS = (
    "adopt",
    "cancel",
    "check",
    "compare",
    "evaluate",
    "export",
    "fetch",
    "logs",
    "plan",
    "predict",
    "rehearse",
    "report",
    "reproduce",
    "run",
    "show",
    "status",
    "submit",
    "trials",
    "verify",
    "wait",
)
_HOMES = {name: f"cloud_nas.operations.{name}" for name in _OPERATIONS}
_HOMES |= {name: "cloud_nas.errors" for name in __all__ if name.endswith("Error")}
_HOMES |= dict.fromkeys(("Diagnostic", "LoadedSpec", "Spec", "load"), "cloud_nas.spec")
_HOMES |= {
    "Compared": "cloud_nas.operations.compare",
    "PlanResult": "cloud_nas.operations.plan",
    "Run": "cloud_nas.operations.handle",
    "RunResult": "cloud_nas.operations.result",
    "RunStatus": "cloud_nas.operations.status",
    "orphans": "cloud_nas.operations.adopt",
}


class _Door(ModuleType):
    """This module. An operation keeps its name although a room has the same, to which an import would give it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Door


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cloud_nas' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
