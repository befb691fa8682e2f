"""The `model.py` that `init --data` writes: a Keras Tuner function suited to the task, short enough to be read and changed."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.operations.starter.guess import Guess

_HEAD = '''"""{about} Each `hp` call is one hyperparameter of the search."""

import keras


def build_model(hp):
'''

_TABLE = """    model = keras.Sequential()
    for layer in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{layer}", 16, 128, step=16), activation="relu"))
        model.add(keras.layers.Dropout(hp.Float(f"dropout_{layer}", 0.0, 0.5, step=0.1)))
"""

_IMAGE = """    model = keras.Sequential([keras.Input(%(shape)s)])
    for block in range(hp.Int("blocks", 1, %(blocks)d)):
        filters = hp.Choice(f"filters_{block}", [16, 32, 64])
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D())
    model.add(keras.layers.%(end)s())
    model.add(keras.layers.Dense(hp.Int("units", 32, 128, step=32), activation="relu"))
    model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)))
"""

_TEXT = """    model = keras.Sequential()
    model.add(keras.layers.Embedding(10_000, hp.Choice("vector", [16, 32, 64, 128])))  # the vocabulary has at most 10,000 words
    model.add(keras.layers.GlobalAveragePooling1D())
    model.add(keras.layers.Dense(hp.Int("units", 16, 128, step=16), activation="relu"))
    model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)))
"""

_ARRAY = """    model = keras.Sequential()
    model.add(keras.layers.Flatten())
    for layer in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{layer}", 16, 128, step=16), activation="relu"))
        model.add(keras.layers.Dropout(hp.Float(f"dropout_{layer}", 0.0, 0.5, step=0.1)))
"""

_TAIL = """    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", %(slow)s, 1e-2, sampling="log")),
        loss="%(loss)s",
        metrics=[%(metrics)s],
    )
    return model
"""


def model_text(guess: Guess, shape: Sequence[int | None], classes: int | None) -> str:
    """The file's text.

    Args:
        guess: what is to be learnt.
        shape: of one row as a model sees it.
        classes: how many there are; None for a number.
    """
    about, body = _body(guess, shape)
    slow = "1e-3" if guess.task == "text-classification" else "1e-4"
    return _HEAD.format(about=about) + body + _last(guess, classes) + _TAIL % {"slow": slow, **_compile(classes)}


def _body(guess: Guess, shape: Sequence[int | None]) -> tuple[str, str]:
    if guess.task == "image-classification":
        return "A small convolutional network.", _IMAGE % _image_numbers(shape)
    if guess.task == "text-classification":
        return "Word vectors, averaged, then one layer.", _TEXT
    return "A dense network.", _TABLE if len(shape) <= 1 else _ARRAY


def _image_numbers(shape: Sequence[int | None]) -> dict[str, object]:
    """The input with its channel axis, and as many blocks as halve the image down to 4 pixels or so."""
    full = tuple(shape) if len(shape) == 3 else (*shape, 1)
    sides = [size for size in full[:2] if size]
    smallest = min(sides, default=32)
    end = "Flatten" if sides and smallest <= 32 else "GlobalAveragePooling2D"
    return {"shape": repr(full), "blocks": max(1, min(4, smallest.bit_length() - 2)), "end": end}


def _last(guess: Guess, classes: int | None) -> str:
    if classes is None:
        spread, middle = guess.scale or (1.0, 0.0)
        return (
            "    model.add(keras.layers.Dense(1))\n"
            f"    model.add(keras.layers.Rescaling({spread:g}, offset={middle:g}))  # the answers' spread and middle\n"
        )
    if classes == 2:
        return '    model.add(keras.layers.Dense(1, activation="sigmoid"))\n'
    return f'    model.add(keras.layers.Dense({classes}, activation="softmax"))\n'


def _compile(classes: int | None) -> dict[str, str]:
    if classes is None:
        return {"loss": "mean_squared_error", "metrics": 'keras.metrics.RootMeanSquaredError(name="rmse")'}
    loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
    return {"loss": loss, "metrics": '"accuracy"'}
