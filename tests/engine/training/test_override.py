"""A user's HyperModel.fit: called as Keras Tuner calls it, its returns read as Keras Tuner reads them."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from local_engine import HyperModel
from local_engine.definition import Train
from local_engine.errors import TrialError


class Base(HyperModel):
    def build(self, hp: Any) -> Any:
        model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
        return model


class Tunes(Base):
    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        return model.fit(*args, batch_size=hp.Choice("batch_size", [16, 64]), shuffle=hp.Boolean("shuffle"), **kwargs)


class Checks(Base):
    def fit(self, hp: Any, model: Any, x: Any, y: Any, validation_data: Any, callbacks: Any, **kwargs: Any) -> float:
        assert len(x) == len(y) and len(validation_data) == 2 and kwargs["epochs"] == 1
        return 0.25


class Returns(Base):
    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result

    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        return self.result


def test_what_fit_asks_for_is_discovered(trained: Any, iris: Any) -> None:
    artifact = trained(Tunes(), iris, epochs=2, params={"batch_size": 16}, train=Train(batch_size=8))
    assert artifact.params["batch_size"] == 16 and "shuffle" in artifact.params
    assert {parameter.name for parameter in artifact.space.parameters} == {"batch_size", "shuffle"}
    assert artifact.epochs == 2
    assert trained(Tunes(), iris, epochs=3, params=artifact.params).epochs == 3


def test_a_fit_of_named_arguments_gets_them(trained: Any, iris: Any) -> None:
    assert trained(Checks(), iris).value == 0.25


@pytest.mark.parametrize(
    ("result", "value"),
    [(0.5, 0.5), ({"accuracy": 0.75}, 0.75), ({"val_accuracy": 0.5, "accuracy": 0.9}, 0.5), ([0.5, 1.0], 0.75)],
)
def test_returns(trained: Any, iris: Any, result: Any, value: float) -> None:
    assert trained(Returns(result), iris).value == value


def test_a_return_without_a_value_is_refused(trained: Any, iris: Any) -> None:
    with pytest.raises(TrialError, match="fit returned NoneType"):
        trained(Returns(None), iris)
