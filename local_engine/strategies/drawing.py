"""Random configurations that were not tried yet; what random search, Hyperband and the start of a surrogate share."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from local_engine.definition import Value
from local_engine.seeds import derive
from local_engine.strategies.base import StudyView
from local_engine.strategies.tree import all_values, untried

ATTEMPTS = 64
"""How many draws may turn out to be known before the space is looked through for what is left."""

_LEFT = 1024
"""Among how many of the configurations left one is chosen; more would cost time and change nothing."""


def draw(view: StudyView) -> dict[str, Value] | None:
    """A random configuration that no trial was asked with, None where the space has no other.

    The first attempt is `space.sample` of the trial's own seed, `derive(study seed, number)`, so that a hyperparameter gets the
    same value whether it was known at the ask or is discovered, and drawn with that seed, while the trial is built.
    """
    known = tried_values(view)
    for attempt in range(ATTEMPTS):
        path = (view.number, attempt) if attempt else (view.number,)
        values = dict(view.space.sample(derive(view.settings.seed, *path)))
        if freeze(values) not in known:
            return values
    return _one_left(view)


def tried_values(view: StudyView) -> set[frozenset[tuple[str, Value]]]:
    """The configurations of all trials asked so far, running and failed ones too."""
    return {freeze(record.params) for record in view.records}


def freeze(values: Mapping[str, Value]) -> frozenset[tuple[str, Value]]:
    """A configuration as something that can stand in a set."""
    return frozenset(values.items())


def _one_left(view: StudyView) -> dict[str, Value] | None:
    left = list(islice(untried(view.space, view.records, all_values), _LEFT)) if view.space.size() is not None else []
    return left[derive(view.settings.seed, view.number, "left") % len(left)] if left else None
