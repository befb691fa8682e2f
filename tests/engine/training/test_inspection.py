"""What a look at a model finds, and where it rightly finds nothing."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from local_engine.space.builder import Builder
from local_engine.training.inspection import inspect_model

layers = keras.layers
SPARSE = keras.losses.SparseCategoricalCrossentropy


def _kinds(data: Any, *stack: Any, loss: Any) -> list[str]:
    def build(hp: Any) -> Any:
        model = keras.Sequential(list(stack))
        model.compile("adam", loss)
        return model

    return [finding.kind for finding in inspect_model(Builder.of(build), data)]


def _image(*last: Any, shape: tuple[int, ...] = (8, 8)) -> tuple[Any, ...]:
    return (keras.Input(shape), layers.Flatten(), *last)


@pytest.mark.parametrize(
    ("last", "loss", "kinds"),
    [
        ([layers.Dense(10)], "sparse_categorical_crossentropy", ["softmax-missing"]),
        ([layers.Dense(10)], SPARSE(), ["softmax-missing"]),
        ([layers.Dense(10)], SPARSE(from_logits=True), []),
        ([layers.Dense(10, activation="softmax")], SPARSE(from_logits=True), ["softmax-twice"]),
        ([layers.Dense(10), layers.Softmax()], "sparse_categorical_crossentropy", []),
        ([layers.Dense(10, activation="softmax")], "categorical_crossentropy", []),
        ([layers.Dense(9, activation="softmax")], "sparse_categorical_crossentropy", ["units-mismatch"]),
        ([layers.Dense(1, activation="softmax")], "sparse_categorical_crossentropy", ["softmax-of-one", "units-mismatch"]),
        ([layers.Dense(10, activation="sigmoid")], "binary_crossentropy", ["loss-mismatch"]),
    ],
)
def test_classifiers(digits: Any, last: list[Any], loss: Any, kinds: list[str]) -> None:
    assert _kinds(digits, *_image(*last), loss=loss) == kinds


@pytest.mark.parametrize(
    ("last", "loss", "kinds"),
    [
        (layers.Dense(1), "binary_crossentropy", ["softmax-missing"]),
        (layers.Dense(1, activation="sigmoid"), "binary_crossentropy", []),
        (layers.Dense(1, activation="sigmoid"), keras.losses.BinaryCrossentropy(from_logits=True), ["softmax-twice"]),
        (layers.Dense(2, activation="softmax"), "sparse_categorical_crossentropy", []),
    ],
)
def test_two_classes(cancer: Any, last: Any, loss: Any, kinds: list[str]) -> None:
    assert _kinds(cancer, last, loss=loss) == kinds


def test_regressions(diabetes: Any) -> None:
    assert _kinds(diabetes, layers.Dense(1), loss="mse") == []
    assert _kinds(diabetes, layers.Dense(1, activation="relu"), loss="mse") == ["regression-activation"]
    assert _kinds(diabetes, layers.Dense(3), loss="mse") == ["units-mismatch"]


def test_shapes(digits: Any) -> None:
    last = layers.Dense(10, activation="softmax")
    assert _kinds(digits, *_image(last, shape=(8, 8, 1)), loss="sparse_categorical_crossentropy") == []
    assert _kinds(digits, *_image(layers.Dense(10, activation="softmax"), shape=(28, 28)), loss=SPARSE()) == ["input-shape"]


def test_what_cannot_be_told_is_not_said(digits: Any) -> None:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.flat, self.last = layers.Flatten(), layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.last(self.flat(x))

    def build(hp: Any) -> Any:
        model = Net()
        model.compile("adam", SPARSE())
        return model

    def forest(hp: Any) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier()

    assert inspect_model(Builder.of(build), digits) == []
    assert inspect_model(Builder.of(forest), digits) == []


def test_functional_models_and_models_inside(digits: Any) -> None:
    def build(hp: Any) -> Any:
        inputs = keras.Input((8, 8))
        head = keras.Sequential([layers.Dense(4), layers.Dense(10)])
        model = keras.Model(inputs, head(layers.Flatten()(inputs)))
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    assert [finding.kind for finding in inspect_model(Builder.of(build), digits)] == ["softmax-missing"]
