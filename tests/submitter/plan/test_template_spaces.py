"""The spaces that the golden plans stand on are those that building the templates' models shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_engine.definition import ModelSpace
from local_engine.space.builder import DataShape, load_builder
from local_engine.space.flat import Space
from local_engine.space.widening import widen

HERE = Path(__file__).parent
_MODELS = {"image": "build_model", "sklearn": "build_estimator", "table": "CustomerModel", "text": "build_model"}


@pytest.mark.parametrize(
    "template", [name if name == "sklearn" else pytest.param(name, marks=pytest.mark.slow) for name in _MODELS]
)
def test_a_templates_space_is_the_one_that_plans_are_tested_with(template: str) -> None:
    file = HERE.parents[2] / "templates" / template / "model.py"
    builder = load_builder(ModelSpace(str(file), _MODELS[template]), shape=DataShape((8, 8, 1), 10))
    assert widen(builder) == Space.from_json(json.loads((HERE / "spaces" / f"{template}.json").read_text()))
