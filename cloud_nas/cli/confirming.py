"""What a service would be made to do, in short, and whether it may."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cloud_nas.cli import output
from cloud_nas.files import in_words

if TYPE_CHECKING:
    from cloud_nas.targets.plan import Plan


def confirmed(plan: Plan, question: str) -> bool:
    """Shows a plan in a few lines on stderr, and asks on a terminal; elsewhere nobody says yes."""
    for request in plan.requests:
        output.note(f"{request.service}: {request.operation} in {plan.place.get('region')}")
    output.note(f"uploads: {len(plan.uploads)} files, {in_words(sum(one.bytes for one in plan.uploads))}")
    for loss in plan.losses:
        output.note(f"{loss.code} {loss.path}: {loss.kind}: {loss.what}")
    for text in plan.notes:
        output.note(f"note: {text}")
    cost = plan.max_cost
    if cost is None:
        output.note("cost: not known")
    else:
        output.note(f"cost: {'at most' if cost.kind == 'bound' else 'estimate'} {cost.amount:.2f} {cost.currency}")
    return sys.stdin.isatty() and click.confirm(question, err=True)
