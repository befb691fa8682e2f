"""Which model is best, and how sure one can be: every metric with its interval, every pair with its test, and who is tied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from cloud_nas.compare.entries import Aligned, Entry, Facts, Where
from cloud_nas.errors import UsageError

if TYPE_CHECKING:
    from cloud_nas.compare.statistics.estimates import Estimate

POWER = 0.8
"""The chance of finding a difference, for the rows that it would take."""


@dataclass(frozen=True)
class Measured:
    """A metric's value and its interval, by `method`."""

    value: float
    ci_low: float
    ci_high: float
    method: str


@dataclass(frozen=True)
class Model:
    """One model in the ranking. `tied_with_best`: no test tells it from the best, itself included."""

    name: str
    run_id: str | None
    target: str | None
    scored: Where
    tied_with_best: bool
    metrics: Mapping[str, Measured]
    facts: Facts


@dataclass(frozen=True)
class Test:
    """A paired test of one metric between two models.

    `difference` is a's value less b's; `p_adjusted` is Holm's over all pairs of the metric. `rows_needed` is how many rows would
    tell a difference of this size, four times of five; None where no number would.
    """

    a: str
    b: str
    metric: str
    test: str
    difference: float
    p: float
    p_adjusted: float
    rows_needed: int | None


@dataclass(frozen=True)
class Comparison:
    """Models, the best first by `metric`; `winner` is None where another is tied with it."""

    metric: str
    n: int
    alpha: float
    models: tuple[Model, ...]
    tests: tuple[Test, ...]
    winner: str | None
    rows_sha256: str = ""
    notes: tuple[str, ...] = ()

    def verdict(self) -> list[str]:
        """What the rows tell, in sentences; the first is the answer."""
        best = self.models[0]
        if self.winner is not None:
            return [f"{self.winner} is best by {self.metric}: every other model is told from it"]
        tied = [model.name for model in self.models if model.tied_with_best]
        said = [f"no winner by {self.metric}: these rows do not tell {', '.join(tied)} apart"]
        for test in self.tests:
            if test.metric == self.metric and test.a in tied and test.b in tied and best.name in (test.a, test.b):
                other = test.b if test.a == best.name else test.a
                rows = "no number of rows" if test.rows_needed is None else f"about {test.rows_needed} rows"
                said.append(
                    f"{best.name} and {other}: {abs(test.difference):.4f} apart, p = {test.p_adjusted:.3g}; {rows} would "
                    "tell such a difference four times of five"
                )
        return said

    def to_json(self) -> dict[str, Any]:
        """The keys that `compare --json` promises, and some more."""
        return {
            "metric": self.metric,
            "n": self.n,
            "alpha": self.alpha,
            "winner": self.winner,
            "rows_sha256": self.rows_sha256,
            "models": [_model(model, self.metric) for model in self.models],
            "tests": [{key: _number(value) for key, value in vars(test).items()} for test in self.tests],
            "notes": list(self.notes),
        }


def compare(
    entries: Sequence[Entry], aligned: Aligned, *, metrics: Sequence[str] = (), alpha: float = 0.05, seed: int | None = None
) -> Comparison:
    """Measures and tests.

    Args:
        entries: the models.
        aligned: their rows, as `align` gave them.
        metrics: those that are tested, the first of them ranks; none: the objective of the first model, where it is one of them.
        alpha: of intervals and tests.
        seed: of resamples and permutations; None: of the rows, so that the same rows give the same numbers.

    Raises:
        UsageError: there is no such metric for these models.
    """
    tested = _tested(entries, aligned, metrics)
    drawn = int(aligned.rows_sha256[:8] or "0", 16) if seed is None and _is_hex(aligned.rows_sha256[:8]) else seed or 0
    measured: list[dict[str, Measured]] = []
    estimates: list[dict[str, Estimate]] = []
    for number in range(len(entries)):
        found = _estimates(aligned, number)
        measured.append(_measured(found, aligned.n, alpha, drawn))
        estimates.append({name: found[name] for name in tested})  # all of all models are more than memory need hold
    tests = [test for metric in tested for test in _tests(entries, aligned, estimates, metric, alpha, drawn)]
    ranked = _ranked(measured, tested[0])
    best = ranked[0]
    tied = _tied(entries, tests, tested[0], best, alpha)
    models = tuple(
        Model(
            entries[number].name,
            entries[number].run_id,
            entries[number].target,
            entries[number].scored,
            number in tied,
            measured[number],
            entries[number].facts,
        )
        for number in ranked
    )
    winner = entries[best].name if tied == {best} else None
    return Comparison(tested[0], aligned.n, alpha, models, tuple(tests), winner, aligned.rows_sha256)


def _tested(entries: Sequence[Entry], aligned: Aligned, metrics: Sequence[str]) -> tuple[str, ...]:
    from cloud_nas.compare.statistics.metrics import CLASSIFICATION, REGRESSION
    from local_engine.training.scoring import find

    known = REGRESSION if aligned.classes is None else CLASSIFICATION
    if not metrics:
        objective = find(entries[0].predictions.about.metric)
        return (objective.name,) if objective is not None and objective.name in known else (known[0],)
    found = []
    for name in metrics:
        metric = find(name)
        plain = name if metric is None else metric.name
        if plain not in known:
            raise UsageError(f"no metric {name} for these models", hint=f"one of {', '.join(known)}")
        found.append(plain)
    return tuple(dict.fromkeys(found))


def _estimates(aligned: Aligned, number: int) -> dict[str, Estimate]:
    from cloud_nas.compare.statistics.metrics import CLASSIFICATION, REGRESSION, estimate

    names = REGRESSION if aligned.classes is None else CLASSIFICATION
    return {name: estimate(name, aligned.labels, aligned.outputs[number]) for name in names}


def _measured(estimates: Mapping[str, Estimate], n: int, alpha: float, seed: int) -> dict[str, Measured]:
    from cloud_nas.compare.statistics.intervals import intervals

    known = {name: one for name, one in estimates.items() if math.isfinite(one.value)}
    found = intervals(known, n, alpha=alpha, seed=seed)
    return {name: Measured(known[name].value, one.low, one.high, one.method) for name, one in found.items()}


def _tests(
    entries: Sequence[Entry],
    aligned: Aligned,
    estimates: Sequence[Mapping[str, Estimate]],
    metric: str,
    alpha: float,
    seed: int,
) -> list[Test]:
    from cloud_nas.compare.statistics.pairs import compare as compare_pair
    from cloud_nas.compare.statistics.pairs import holm, rows_needed

    pairs = list(combinations(range(len(entries)), 2))
    hits = [outputs.argmax(axis=1) == aligned.labels for outputs in aligned.outputs] if metric == "accuracy" else None
    told = [
        compare_pair(metric, estimates[a][metric], estimates[b][metric], None if hits is None else (hits[a], hits[b]), seed=seed)
        for a, b in pairs
    ]
    adjusted = holm([one.p for one in told])
    return [
        Test(
            entries[a].name,
            entries[b].name,
            metric,
            one.test,
            one.difference,
            one.p,
            p,
            rows_needed(one.difference, one.deviation, alpha=alpha, power=POWER),
        )
        for (a, b), one, p in zip(pairs, told, adjusted, strict=True)
    ]


def _ranked(measured: Sequence[Mapping[str, Measured]], metric: str) -> list[int]:
    """The models' numbers, the best first; one without the metric last."""
    from cloud_nas.compare.statistics.metrics import MINIMIZED

    sign = 1.0 if metric in MINIMIZED else -1.0

    def key(number: int) -> tuple[bool, float, int]:
        found = measured[number].get(metric)
        return found is None, 0.0 if found is None else sign * found.value, number

    return sorted(range(len(measured)), key=key)


def _tied(entries: Sequence[Entry], tests: Sequence[Test], metric: str, best: int, alpha: float) -> set[int]:
    """The best, and whatever no test tells from it."""
    name = entries[best].name
    apart = {
        other
        for test in tests
        if test.metric == metric and test.p_adjusted <= alpha and name in (test.a, test.b)
        for other in (test.a, test.b)
        if other != name
    }
    return {number for number, entry in enumerate(entries) if entry.name not in apart}


def _model(model: Model, metric: str) -> dict[str, Any]:
    main = model.metrics.get(metric)
    facts = vars(model.facts) | {"cost": None if model.facts.cost is None else model.facts.cost.to_json()}
    return {
        "name": model.name,
        "run_id": model.run_id,
        "target": model.target,
        "value": None if main is None else _number(main.value),
        "ci_low": None if main is None else _number(main.ci_low),
        "ci_high": None if main is None else _number(main.ci_high),
        "tied_with_best": model.tied_with_best,
        "metrics": {name: {key: _number(value) for key, value in vars(one).items()} for name, one in model.metrics.items()},
        **facts,
        "scored": model.scored,
    }


def _number(value: Any) -> Any:
    """NaN is nothing in JSON."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_hex(text: str) -> bool:
    return len(text) == 8 and all(letter in "0123456789abcdef" for letter in text)
