"""What only the engine can find in the data or the model, told at the line of the spec that it is about."""

from __future__ import annotations

from typing import Any

from cloud_nas.errors import from_engine
from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.loading import LoadedSpec
from cloud_nas.spec.suggest import did_you_mean
from local_engine.errors import BuilderError, DataError, EngineError, StrategyError


def diagnostic_for(loaded: LoadedSpec, error: EngineError) -> Diagnostic:
    """An error of the engine as a diagnostic of this spec, with a did-you-mean where the error knows what could stand there."""
    code, hint = from_engine(error).code or "CN210", error.hint
    if isinstance(error, DataError):
        dotted = error.field or "data.source"
        if error.choices:
            code = "CN202"
            hint = did_you_mean(str(_value_at(loaded, dotted)), error.choices, what="there are")
    elif isinstance(error, BuilderError):
        dotted = "space.model"
    else:
        dotted = "search.strategy" if isinstance(error, StrategyError) else "task"
    return loaded.diagnostic(code, dotted, error.message, hint=hint)


def _value_at(loaded: LoadedSpec, dotted: str) -> Any:
    value: Any = loaded.spec
    for part in dotted.split("."):
        value = getattr(value, part, None)
    return value
