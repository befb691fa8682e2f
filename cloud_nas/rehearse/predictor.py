"""A plain model over the rows that were sent, in place of a cloud's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Part = tuple[list[Any], list[str]]
"""Rows (cells, or an image's pixels) and their labels."""


@dataclass(frozen=True)
class Sent:
    """The rows of a cloud's own search: those that train, and those that it measures its models on."""

    kind: Literal["table", "text", "image"]
    train: Part
    validation: Part


class Predictor:
    """Features as their kind has them, and one of a few estimators; `classes` is empty for a regression."""

    def __init__(self, features: Any, estimator: Any, classes: tuple[str, ...]) -> None:
        self._features, self.estimator, self.classes = features, estimator, classes

    @classmethod
    def fit(cls, sent: Sent, number: int, regression: bool) -> Predictor:
        """The `number`th candidate."""
        rows, labels = sent.train
        features = _features(sent)
        matrix = features(rows)
        estimator = _estimators(regression)[number % 4]
        estimator.fit(matrix, [float(one) for one in labels] if regression else labels)
        return cls(features, estimator, () if regression else tuple(map(str, estimator.classes_)))

    def predict(self, rows: Sequence[Any]) -> list[str]:
        """A label, or a number, a row."""
        return [str(one) for one in self.estimator.predict(self._features(rows)).tolist()]

    def chances(self, rows: Sequence[Any]) -> list[list[float]]:
        """The probability of each class, a row."""
        found: list[list[float]] = self.estimator.predict_proba(self._features(rows)).tolist()
        return found


def _estimators(regression: bool) -> list[Any]:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.naive_bayes import BernoulliNB
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if regression:
        return [Ridge(), RandomForestRegressor(30, random_state=0), DecisionTreeRegressor(random_state=0), KNeighborsRegressor()]
    forest = RandomForestClassifier(30, random_state=0)
    return [LogisticRegression(max_iter=300), forest, DecisionTreeClassifier(random_state=0), BernoulliNB()]


def _features(sent: Sent) -> Any:
    """What makes a matrix of rows, learnt on the rows that train."""
    import numpy as np

    rows = sent.train[0]
    if sent.kind == "image":
        return lambda found: np.array([one.reshape(-1) for one in found], dtype="float32") / 255
    if sent.kind == "text":
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = TfidfVectorizer(max_features=5000).fit([row[0] for row in rows])
        return lambda found: texts.transform([row[0] for row in found])
    columns = list(zip(*rows, strict=True))
    numbers = [at for at, column in enumerate(columns) if all(_number(one) is not None or one == "" for one in column)]
    words = {at: sorted(set(column))[:50] for at, column in enumerate(columns) if at not in numbers}
    known = np.array([[np.nan if row[at] == "" else float(row[at]) for at in numbers] for row in rows], dtype="float64")
    middle = np.nan_to_num(np.nanmean(known, axis=0)) if numbers else np.zeros(0)
    spread = np.nan_to_num(np.nanstd(known, axis=0)) if numbers else np.zeros(0)
    spread[spread == 0] = 1

    def matrix(found: Sequence[Any]) -> Any:
        values = np.array([[_number(row[at]) if row[at] != "" else np.nan for at in numbers] for row in found], dtype="float64")
        values = np.nan_to_num((values.reshape(len(found), len(numbers)) - middle) / spread)
        marks = [[float(row[at] == word) for at, kinds in words.items() for word in kinds] for row in found]
        return np.hstack([values, np.array(marks, dtype="float64").reshape(len(found), -1)])

    return matrix


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
