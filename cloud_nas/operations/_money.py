"""Whether a plan may cost what it may cost; asked before anything is sent."""

from __future__ import annotations

from cloud_nas.errors import RefusedError
from cloud_nas.targets import find
from cloud_nas.targets.fitting import would_allow
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.priced import Priced


def check_cost(plan: Plan, max_cost: float | None, *, accept_estimate: bool = False) -> None:
    """Ends here where a plan could cost more than it may.

    Args:
        plan: what would be made.
        max_cost: the most it may cost, in US dollars; None: no cap.
        accept_estimate: compare with an estimate, where the service allows no bound.

    Raises:
        RefusedError: it could cost more, a price is not known, or only an estimate is.
    """
    if max_cost is None:
        return
    if plan.max_cost is None:
        raise _unknown(plan)
    if plan.max_cost.kind == "estimate" and not accept_estimate:
        raise RefusedError(
            f"what {plan.target} costs can only be estimated, at ${plan.max_cost.amount:.2f}, so --max-cost promises nothing",
            hint="--accept-estimate compares with the estimate",
            code="CN404",
        )
    if plan.max_cost.amount > max_cost:
        word = "could cost" if plan.max_cost.kind == "bound" else "is estimated to cost"
        raise RefusedError(
            f"it {word} ${plan.max_cost.amount:.2f}, and may cost ${max_cost:.2f}", hint=_what_fits(plan, max_cost), code="CN401"
        )


def _unknown(plan: Plan) -> RefusedError:
    priced = _priced(plan)
    missing = None if priced is None else priced.unpriced(plan.place)
    if missing is None:
        return RefusedError(
            "nothing in the request bounds what it costs", hint="budget: {trials: 10}, or {time: 2h}", code="CN402"
        )
    return RefusedError(
        f"the price of {missing.what} is not known, so that --max-cost cannot be kept", hint=missing.way_out, code="CN402"
    )


def _what_fits(plan: Plan, max_cost: float) -> str:
    priced = _priced(plan)
    return would_allow(plan) if priced is None else priced.what_fits(plan, max_cost)


def _priced(plan: Plan) -> Priced | None:
    """The target, where it knows prices."""
    target = find(plan.target)
    return target if isinstance(target, Priced) else None
