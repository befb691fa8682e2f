"""Early stopping as a pure function of the curve so far, so that a resumed trial stops where an undisturbed one would."""

from __future__ import annotations

from collections.abc import Sequence

from local_engine.definition import StopEarly
from local_engine.errors import TrialError
from local_engine.training.scoring import find, plain_name


def direction(stop: StopEarly) -> int:
    """1 where more is better, -1 where less is: by `mode`, else by what the metric's name means."""
    if stop.mode != "auto":
        return 1 if stop.mode == "max" else -1
    metric = find(stop.monitor)
    if metric is not None:
        return 1 if metric.goal == "maximize" else -1
    name = plain_name(stop.monitor)
    return 1 if name.endswith(("acc", "accuracy", "auc", "score")) else -1


def should_stop(stop: StopEarly, series: Sequence[float | None]) -> bool:
    """Whether the last `patience` epochs all failed to better the best before them by more than `min_delta`."""
    sign, best, waited = direction(stop), None, 0
    for value in series:
        if value is not None and (best is None or sign * (value - best) > abs(stop.min_delta)):
            best, waited = value, 0
        else:
            waited += 1
        if waited >= max(stop.patience, 1):
            return True
    return False


def checked(stop: StopEarly, reported: Sequence[str]) -> None:
    """Refuses a `monitor` that the model does not report.

    Raises:
        TrialError: none of the names in `reported` is `stop.monitor`.
    """
    if stop.monitor not in reported:
        raise TrialError(
            f"stop_early monitors {stop.monitor}, which the model does not report",
            hint=f"it reports {', '.join(reported)}",
        )
