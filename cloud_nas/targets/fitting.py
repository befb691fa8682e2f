"""How it is told which caps would cost little enough."""

from __future__ import annotations

from cloud_nas.targets.plan import Plan

_SHORTEST = 60
"""Seconds below which no run time is proposed: a container hardly starts in them."""


def would_fit(trials: int | None, runtime: int, section: str, smaller: str) -> str:
    """The caps that would do, each with the other as it is.

    Args:
        trials: the most; 0: not even one; None: the job has no trials of its own.
        runtime: the longest `max_runtime`, seconds.
        section: of the spec, such as `targets.sagemaker`.
        smaller: what to take a smaller one of, where nothing fits.
    """
    fit = [f"budget.trials: {trials}"] if trials else []
    fit += [f"{section}.max_runtime: {runtime}s"] if runtime >= _SHORTEST else []
    return f"would fit: {' or '.join(fit)}" if fit else f"not even one trial of a minute would fit: take a smaller {smaller}"


def would_allow(plan: Plan) -> str:
    """The cap that would let a plan through, where no smaller plan can be told."""
    return f"--max-cost {plan.max_cost.amount if plan.max_cost else 0:.2f} would allow it"
