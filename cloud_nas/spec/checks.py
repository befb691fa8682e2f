"""What types cannot say: which values of the spec go together, and which files are there. Reads no rows, runs no user's code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from cloud_nas.spec import metrics, paths
from cloud_nas.spec.model import Spec
from cloud_nas.spec.problems import Findings
from cloud_nas.spec.suggest import did_you_mean, listed, nearest
from cloud_nas.spec.yaml import Path
from local_engine.errors import StrategyError
from local_engine.strategies.options import LEARNING, OPTIONS, resolve_with


@dataclass(frozen=True)
class Check:
    """What the checks look at: the spec, the folder its paths start from, and where mistakes are noted."""

    spec: Spec
    folder: FilePath
    findings: Findings

    def path(self, text: str, place: Path) -> FilePath | None:
        """The path a value names, None (and a mistake noted) where it cannot be one."""
        try:
            return paths.resolve(text, self.folder)
        except ValueError as error:
            self.findings.error("CN109", place, f"not a path: {error}")
            return None


def check_objective(check: Check) -> None:
    """The metric fits the task; one that is the model's own comes with a goal; the goal is the metric's."""
    place: Path = ("objective", "metric")
    objective, findings = check.spec.objective, check.findings
    if objective.metric is None or not findings.ok(place):
        return
    name = metrics.plain_name(objective.metric)
    metric = metrics.METRICS.get(name)
    if metric is None:
        _check_unknown_metric(check, name, place)
        return
    if findings.ok(("task",)) and check.spec.task not in metric.tasks:
        fitting = ", ".join(metrics.metrics_of(check.spec.task))
        findings.error("CN122", place, f"the metric {name} does not fit {check.spec.task}", f"these do: {fitting}")
    elif findings.ok(("objective", "goal")) and objective.goal not in (None, metric.goal):
        findings.warning(
            "CN125", ("objective", "goal"), f"this search will {objective.goal} {name}", f"{name} is usually {metric.goal}d"
        )


def _check_unknown_metric(check: Check, name: str, place: Path) -> None:
    findings, fitting = check.findings, metrics.metrics_of(check.spec.task)
    alias = metrics.known_as(name)
    if alias is not None:
        findings.error("CN123", place, f"{name} is called {alias.name} here", f"write {alias.name}")
    elif findings.ok(("objective", "goal")) and check.spec.objective.goal is None:
        near = nearest(name, fitting)
        own = "if it is the model's own, say `goal: maximize` or `goal: minimize` beside it"
        hint = f'did you mean "{near}"? {own}' if near else f"the metrics are {', '.join(fitting)}; {own}"
        findings.error("CN123", place, f"unknown metric {name}", hint)
    else:
        hint = "every trial fails if the model does not report it while it trains"
        findings.warning("CN124", place, f"{name} is measured by the model itself", hint)


def check_split(check: Check) -> None:
    """Every part gets some rows."""
    split = check.spec.data.split
    place: Path = ("data", "split")
    if not check.findings.ok((*place, "validation"), (*place, "test")) or isinstance(split.test, str):
        return
    test = split.test or 0.0
    if split.validation + test >= 1:
        message = f"validation {split.validation:g} and test {test:g} leave no rows to train on"
        check.findings.error("CN126", place, message, "together they are less than 1")


def check_search(check: Check) -> None:
    """The strategy exists, and so do its options, each within its bounds."""
    search, findings = check.spec.search, check.findings
    if not findings.ok(("search", "strategy")):
        return
    if search.strategy not in OPTIONS:
        hint = did_you_mean(search.strategy, OPTIONS, what="the strategies are")
        findings.error("CN128", ("search", "strategy"), f'there is no strategy "{search.strategy}"', hint)
        return
    if search.warm_start is not None and search.strategy not in LEARNING and findings.ok(("search", "warm_start")):
        message = f"{search.strategy} does not learn from results, so it has no use for those of {search.warm_start}"
        hint = f"use `strategy: {listed(sorted(LEARNING))}`, or leave warm_start out"
        findings.error("CN134", ("search", "warm_start"), message, hint, key=True)
    table = {option.name: option for option in OPTIONS[search.strategy]}
    for name, value in (search.model_extra or {}).items():
        if name not in table:
            others = [strategy for strategy, options in OPTIONS.items() if name in {option.name for option in options}]
            hint = (
                f"it is an option of {listed(others)}"
                if others
                else did_you_mean(name, ["strategy", "seed", "warm_start", *table], what="its keys are")
            )
            findings.error("CN129", ("search", name), f'{search.strategy} has no option "{name}"', hint, key=True)
            continue
        try:
            resolve_with([table[name]], {name: value}, owner=search.strategy)
        except StrategyError as error:
            findings.error("CN130", ("search", name), error.message, error.hint or table[name].doc)


def check_train(check: Check) -> None:
    """What early stopping watches is something that is recorded."""
    stop, findings = check.spec.train.stop_early, check.findings
    place: Path = ("train", "stop_early", "monitor")
    if stop is None or not findings.ok(place):
        return
    name = metrics.plain_name(stop.monitor)
    objective = metrics.plain_name(check.spec.objective.metric or "loss")
    if name in metrics.METRICS or name == objective:
        return
    alias = metrics.known_as(name)
    known = [f"val_{metric}" for metric in metrics.metrics_of(check.spec.task)]
    near = f"val_{alias.name}" if alias and alias.name != objective else nearest(stop.monitor, known)
    hint = f'did you mean "{near}"?' if near else "it never stops a trial whose model does not report this"
    findings.warning("CN132", place, f"{stop.monitor} is recorded only where the model reports it", hint)


def check_code(check: Check) -> None:
    """What travels is there."""
    for index, text in enumerate(check.spec.code.include):
        place: Path = ("code", "include", index)
        path = check.path(text, place) if check.findings.ok(place) else None
        if path is not None and not paths.exists(path):
            near = paths.nearest_file(path)
            hint = f'did you mean "{near}"?' if near else f"paths are relative to {check.folder}"
            check.findings.error("CN224", place, f"there is no {text}", hint)
