"""Whether a plan may cost what it may cost; asked before anything is sent."""

from __future__ import annotations

from cloud_nas.errors import RefusedError
from cloud_nas.targets.plan import Plan


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
    from cloud_nas.targets.sagemaker import cost, prices

    region, what = plan.place.get("region", ""), cost.missing(plan.place)
    if what is None:
        return RefusedError(
            "nothing in the request bounds what it costs", hint="budget: {trials: 10}, or {time: 2h}", code="CN402"
        )
    named = {prices.STORAGE: "a training job's disk", prices.S3: "S3"}.get(what, what)
    return RefusedError(
        f"the price of {named} in {region} is not known, so that --max-cost cannot be kept",
        hint=prices.way_out(region, what),
        code="CN402",
    )


def _what_fits(plan: Plan, max_cost: float) -> str:
    """The largest number of trials and the longest run time that would do, each with the other as it is."""
    from cloud_nas.targets.sagemaker import cost

    caps = next((found for request in plan.requests if (found := cost.caps_of(request)) is not None), None)
    if caps is None or cost.missing(plan.place) is not None:
        return f"--max-cost {plan.max_cost.amount if plan.max_cost else 0:.2f} would allow it"
    trials, runtime = cost.fitting(plan.place["region"], caps, max_cost)
    fit = [f"budget.trials: {trials}"] if trials and caps.jobs != 1 else []
    fit += [f"targets.sagemaker.max_runtime: {runtime}s"] if runtime >= _SHORTEST else []
    return f"would fit: {' or '.join(fit)}" if fit else "not even one trial of a minute would fit: take a smaller instance"


_SHORTEST = 60
"""Seconds below which no run time is proposed: a container hardly starts in them."""
