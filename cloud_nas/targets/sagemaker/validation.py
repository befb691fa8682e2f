"""Requests against botocore's model of the services, more strictly than botocore itself looks, and against documented rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.sagemaker import rules, shapes


def problems(plan: Plan) -> tuple[str, ...]:
    """Everything wrong with a plan's requests; each is one line: operation, member, rule. Empty: nothing.

    Raises:
        MissingExtraError: boto3, which has the model, is not installed.
    """
    return tuple(f"{request.operation}: {one}" for request in plan.requests for one in of_request(request))


def of_request(request: Request) -> Iterator[str]:
    """What is wrong with one request: `Member.Member: the rule`.

    Rules between members are only looked at in a request whose shape is right.
    """
    shape = _model(request.service).operation_model(request.operation).input_shape
    found = [one.removeprefix(".") for one in shapes.problems(shape, request.body, "")]
    yield from found or rules.problems(request.operation, request.body)


@cache
def _model(service: str) -> Any:
    """The model, which takes a tenth of a second to read."""
    from cloud_nas.targets.sagemaker.client import service_model

    return service_model(service)
