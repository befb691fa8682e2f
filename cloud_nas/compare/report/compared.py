"""What the page shows of a comparison: the ranking, each model's plots, where models disagree."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloud_nas.compare.comparison import Comparison, Model
from cloud_nas.compare.diagnostics import Diagnosis, Disagreement
from cloud_nas.compare.report import plots, words


@dataclass(frozen=True)
class ReportComparison:
    """A comparison for the page.

    Attributes:
        comparison: what was found.
        diagnoses: of each model, by its name.
        classes: names; empty for a regression.
        disagreements: rows on which the models do not agree; empty where rows may not be shown.
        differ: on how many rows they do not.
        names: the models' names in the order of each disagreement's answers.
        pictures: by a disagreement's place, its row as a PNG in a `data:` URI.
        networks: by the model's name, its layers: name, kind, what it gives, its parameters.
    """

    comparison: Comparison
    diagnoses: Mapping[str, Diagnosis]
    classes: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    differ: int | None = None
    names: tuple[str, ...] = ()
    pictures: Mapping[int, str] = field(default_factory=dict)
    networks: Mapping[str, tuple[tuple[str, str, str, int | None], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A plot under a heading, and what is said below it."""

    heading: str
    svg: str
    caption: str = ""


def shown(found: ReportComparison) -> dict[str, Any]:
    """What the template is given of a comparison."""
    comparison = found.comparison
    return {
        "comparison": comparison,
        "verdict": comparison.verdict(),
        "level": f"{100 * (1 - comparison.alpha):g} %",
        "ranking": _ranking(comparison),
        "metrics": _metrics(comparison),
        "figures": _figures(found),
        "confusions": _confusions(found),
        "differ": found.differ,
        "disagreements": found.disagreements,
        "names": found.names,
        "pictures": found.pictures,
        "networks": [(model.name, found.networks[model.name]) for model in comparison.models if model.name in found.networks],
        "minimized": sorted(_minimized()),
    }


def _minimized() -> frozenset[str]:
    from cloud_nas.compare.statistics.metrics import MINIMIZED

    return MINIMIZED


def _ranking(comparison: Comparison) -> str:
    lines = []
    for model in comparison.models:
        main = model.metrics.get(comparison.metric)
        value, low, high = (math.nan,) * 3 if main is None else (main.value, main.ci_low, main.ci_high)
        lines.append((model.name, value, low, high, model.tied_with_best))
    return plots.ranking(lines, "ranking", f"{comparison.metric} of each model, with its interval")


def _metrics(comparison: Comparison) -> list[str]:
    """The metrics that any model has, that of the ranking first."""
    names = dict.fromkeys(name for model in comparison.models for name in model.metrics)
    return [comparison.metric, *(name for name in names if name != comparison.metric)]


def _figures(found: ReportComparison) -> list[Figure]:
    comparison = found.comparison
    models = [found.diagnoses.get(model.name, Diagnosis()) for model in comparison.models]
    drawn: list[Figure] = []
    if any(one.roc for one in models):
        lines = [[(one.confidence, one.accuracy) for one in model.reliability] for model in models]
        drawn.append(
            Figure(
                "Reliability",
                plots.shares(
                    lines, "reliability", "Reliability", "confidence", "share right", diagonal=True, said=_reliable(comparison)
                ),
                "A model whose line is the dotted one is right as often as it says.",
            )
        )
        averaged = "" if len(found.classes) == 2 else " One class against the rest, averaged over the classes."
        roc = plots.shares(
            [model.roc for model in models],
            "roc",
            "ROC",
            "false positive rate",
            "true positive rate",
            diagonal=True,
            said=_listed(comparison, "auc"),
        )
        drawn.append(Figure("ROC", roc, f"The nearer to the upper left corner, the better.{averaged}"))
        pr = plots.shares(
            [model.pr for model in models],
            "pr",
            "Precision and recall",
            "recall",
            "precision",
            diagonal=False,
            said=_listed(comparison, "precision"),
        )
        drawn.append(Figure("Precision and recall", pr, f"The nearer to the upper right corner, the better.{averaged}"))
    for model, one in zip(comparison.models, models, strict=True):
        svg = plots.cloud(
            one.residuals, f"residuals-{len(drawn)}", f"Values and labels, {model.name}", _listed(comparison, "rmse")
        )
        if svg is not None:
            drawn.append(Figure(f"Values and labels: {model.name}", svg, "On the dotted line a value is its label."))
    return [*drawn, *_prices(comparison)]


def _prices(comparison: Comparison) -> list[Figure]:
    """Quality against size, latency, and money."""
    asked: tuple[tuple[str, str, Callable[[Model], float | None]], ...] = (
        ("Quality and latency", "milliseconds a row", lambda model: model.facts.latency_ms),
        ("Quality and size", "bytes of the model's file", lambda model: model.facts.bytes),
        (
            "Quality and cost",
            "US dollars of the search",
            lambda model: None if model.facts.cost is None else model.facts.cost.amount,
        ),
        ("Quality and training time", "seconds of the search", lambda model: model.facts.seconds),
    )
    drawn = []
    for number, (heading, across, of) in enumerate(asked):
        points = [
            (place, float(price), model.metrics[comparison.metric].value)
            for place, model in enumerate(comparison.models)
            if (price := of(model)) is not None and comparison.metric in model.metrics
        ]
        svg = plots.scatter(
            points, f"price-{number}", heading, across, comparison.metric, front=_front(points, comparison.metric in _minimized())
        )
        if svg is not None:
            drawn.append(Figure(heading, svg, "The line joins those that no other model beats in both."))
    return drawn


def _front(points: Sequence[tuple[int, float, float]], minimized: bool) -> list[int]:
    """The models that no other one beats in both price and quality."""
    sign = -1.0 if minimized else 1.0
    return [
        model
        for model, price, value in points
        if not any(
            (other_price <= price and sign * other >= sign * value) and (other_price < price or sign * other > sign * value)
            for _, other_price, other in points
        )
    ]


def _confusions(found: ReportComparison) -> list[Figure]:
    drawn = []
    for number, model in enumerate(found.comparison.models):
        one = found.diagnoses.get(model.name)
        if one is None or not one.confusion:
            continue
        svg = plots.confusion(one.confusion, found.classes, f"confusion-{number}", f"Confusion matrix, {model.name}")
        if svg is not None:
            drawn.append(Figure(model.name, svg))
    return drawn


def _reliable(comparison: Comparison) -> str:
    return _listed(comparison, "calibration_error")


def _listed(comparison: Comparison, metric: str) -> str:
    told = [f"{model.name} {words.number(model.metrics[metric].value)}" for model in comparison.models if metric in model.metrics]
    return f"{metric}: {', '.join(told)}." if told else "Not measured."


def cell(model: Model, metric: str) -> Mapping[str, Any] | None:
    """A metric of a model for a cell of the table; None where it has none."""
    one = model.metrics.get(metric)
    return None if one is None else {"value": one.value, "low": one.ci_low, "high": one.ci_high, "method": one.method}
