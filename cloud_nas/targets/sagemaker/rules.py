"""Documented rules between the members of a request, which the service's model cannot say; a file for each kind of job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloud_nas.targets.sagemaker import rules_automl, rules_scoring, rules_training, rules_tuning

Body = Mapping[str, Any]

_RULES: dict[str, Callable[[Body], Iterator[str]]] = {
    "CreateAutoMLJobV2": rules_automl.problems,
    "CreateHyperParameterTuningJob": rules_tuning.problems,
    "CreateTrainingJob": rules_training.problems,
    "CreateModel": rules_scoring.model_problems,
    "CreateTransformJob": rules_scoring.transform_problems,
}


def problems(operation: str, body: Body) -> Iterator[str]:
    """What is wrong between the members of a request whose shape is right: `Member: the rule`."""
    yield from _tags(body.get("Tags", ()))
    if operation in _RULES:
        yield from _RULES[operation](body)


def _tags(tags: Any) -> Iterator[str]:
    keys = [tag["Key"] for tag in tags]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"Tags: the key {key!r} is there more than once"
    for key in keys:
        if key.lower().startswith("aws:"):
            yield f"Tags: {key!r} begins with `aws:`, which is AWS's own"
