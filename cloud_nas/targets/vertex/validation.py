"""Requests against the service's protos, more strictly than these read JSON themselves, and against documented rules."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.vertex import protos, rules


def problems(plan: Plan) -> tuple[str, ...]:
    """Everything wrong with a plan's requests; each is one line: operation, member, rule. Empty: nothing.

    Raises:
        MissingExtraError: Google's libraries, which have the protos, are not installed.
    """
    return tuple(f"{request.operation}: {one}" for request in plan.requests for one in of_request(request))


def of_request(request: Request) -> Iterator[str]:
    """What is wrong with one request: `member.member: the rule`.

    Rules between members are only looked at in a request whose shape is right, and only such a one is read by the protos.
    """
    from cloud_nas.targets.vertex.client import message, unreadable

    descriptor = message(request.operation).DESCRIPTOR
    found = list(protos.problems(descriptor, request.body))
    found = found or list(rules.problems(request.operation, request.body))
    unread = None if found else unreadable(request.operation, request.body)
    yield from found or ([] if unread is None else [unread])
