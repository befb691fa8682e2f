"""One spec's plans at every target in a cloud, as the table in the README: what each carries, and what it loses."""

from __future__ import annotations

from collections.abc import Mapping

from cloud_nas.targets.plan import Loss, Plan

PLACE = "place."
"""Stands for `targets.sagemaker.` or `targets.vertex.`."""

ROWS = {
    "the search space, with its conditions, steps and scales": ("space",),
    "the strategy": ("search.strategy",),
    "its options": ("search.startup_trials",),
    "the seed": ("search.seed",),
    "the objective": ("objective",),
    "how a candidate is trained": ("train",),
    "code and its requirements": ("code",),
    "which rows train and which choose": ("data.split.validation",),
    "the cap on trials": ("budget.trials",),
    "the cap on epochs": ("budget.epochs",),
    "the cap on the search's time": ("budget.time",),
    "the cap on one job's time": ("place.max_runtime",),
    "the best trained again on both parts": ("final.fit",),
    "that only the best's files stay": ("final.keep",),
    "machine and GPUs": ("place.machine", "place.instance", "place.accelerator"),
    "the container's image": ("place.image",),
    "the disk's size": ("place.volume",),
    "spare capacity": ("place.spot",),
    "the account that jobs run as": ("place.role", "place.service_account"),
    "the network": ("place.subnets", "place.network"),
    "the key": ("place.kms_key",),
    "tags or labels": ("place.tags", "place.labels"),
}
"""What a spec says, and the keys that say it."""

_WORST = ("dropped", "approximated", "added")
_WORDS = {"dropped": "no", "approximated": "nearly", "added": "one is added"}


def table(plans: Mapping[str, Plan]) -> str:
    """The table in Markdown: a row for each thing that a spec says, a column for each target, with the codes of the losses."""
    lines = [f"| what the spec says | {' | '.join(f'`{name}`' for name in plans)} |", f"|---|{'---|' * len(plans)}"]
    for words, keys in ROWS.items():
        lines.append(f"| {words} | {' | '.join(_cell(_about(plan, keys)) for plan in plans.values())} |")
    return "\n".join(lines) + "\n"


def rows_of(plan: Plan, loss: Loss) -> list[str]:
    """The rows that a loss is told in."""
    return [words for words, keys in ROWS.items() if loss in _about(plan, keys)]


def _about(plan: Plan, keys: tuple[str, ...]) -> list[Loss]:
    section = f"targets.{plan.target.partition(':')[0]}."
    return [loss for loss in plan.losses if any(_overlap(loss.path.replace(section, PLACE), key) for key in keys)]


def _cell(losses: list[Loss]) -> str:
    if not losses:
        return "yes"
    worst = min((loss.kind for loss in losses), key=_WORST.index)
    return f"{_WORDS[worst]} ({', '.join(sorted({loss.code for loss in losses}))})"


def _overlap(path: str, key: str) -> bool:
    return path == key or path.startswith(f"{key}.") or key.startswith(f"{path}.")
