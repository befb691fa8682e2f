"""Plain models in place of AutoML's, on the rows that were sent to it. What they score says nothing of what AutoML would find."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cloud_nas.rehearse.gcp.objects import Objects
from cloud_nas.rehearse.png import pixels
from cloud_nas.rehearse.predictor import Predictor, Sent

FEWEST_ROWS = 1000
FEWEST_IMAGES = 10
"""Of a table that trains; of each label of images."""


@dataclass(frozen=True)
class Learnt:
    """A model, what was measured of it on a tenth of the rows, and what it takes: `columns` of a table, the size of an image."""

    predictor: Predictor
    metrics: Mapping[str, float]
    target: str
    columns: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    linear: Any = None


def learn_table(objects: Objects, uris: Sequence[str], inputs: Mapping[str, Any]) -> Learnt:
    """From CSV files.

    Raises:
        ValueError: the rows are not such as AutoML takes, in its words.
    """
    rows: list[list[str]] = []
    header: list[str] = []
    for uri in uris:
        header, *lines = csv.reader(io.StringIO(objects.get(uri).decode()))
        rows += lines
    if len(rows) < FEWEST_ROWS:
        raise ValueError(f"The dataset has {len(rows)} rows; at least {FEWEST_ROWS} are required.")
    target = inputs["targetColumn"]
    columns = [one["column_name"] for each in inputs["transformations"] for one in each.values()]
    if target not in header or any(name not in header for name in columns):
        raise ValueError(f"Column name {target} is not in the dataset.")
    places = [header.index(name) for name in columns]
    cells = [[row[place] for place in places] for row in rows]
    labels = [row[header.index(target)] for row in rows]
    regression = inputs["predictionType"] == "regression"
    sent = _divided("table", cells, labels)
    if not regression and not set(sent.validation[1]) == set(sent.train[1]) == set(labels):
        raise ValueError("Missing labels in the test, validation, or training set.")
    predictor = Predictor.fit(sent, 1, regression)
    return Learnt(predictor, _metrics(predictor, sent, regression), target, tuple(columns))


def learn_images(objects: Objects, listed: Iterable[str]) -> Learnt:
    """From lines of `gs://...,label`.

    Raises:
        ValueError: as `learn_table`.
    """
    pairs = [next(csv.reader([line])) for line in listed if line.strip()]
    images = [pixels(objects.get(uri)) for uri, *_ in pairs]
    labels = [one[-1] for one in pairs]
    few = next((label for label in set(labels) if labels.count(label) < FEWEST_IMAGES), None)
    if few is not None or len(set(labels)) < 2:
        raise ValueError(f"Label {few} has too few images: at least {FEWEST_IMAGES} are required.")
    sent = _divided("image", images, labels)
    predictor = Predictor.fit(sent, 0, False)
    return Learnt(predictor, _metrics(predictor, sent, False), "", shape=tuple(images[0].shape), linear=predictor.estimator)


def batch_table(learnt: Learnt, content: bytes) -> list[bytes]:
    """The rows with what is predicted of them, every column that was sent and the scores: two files, in no order.

    Raises:
        ValueError: a column that the model was trained on is not there.
    """
    header, *rows = csv.reader(io.StringIO(content.decode()))
    missing = [name for name in learnt.columns if name not in header]
    if missing:
        raise ValueError(f"Missing columns in the input: {', '.join(missing)}.")
    cells = [[row[header.index(name)] for name in learnt.columns] for row in rows]
    predictor, target = learnt.predictor, learnt.target
    if predictor.classes:
        names = [f"{target}_{name}_score" for name in predictor.classes]
        said = [list(map(repr, chances)) for chances in predictor.chances(cells)]
    else:
        names, said = [f"predicted_{target}"], [[one] for one in predictor.predict(cells)]
    answered = [[*row, *one] for row, one in zip(rows, said, strict=True)]
    return [_csv([[*header, *names], *part]) for part in (answered[1::2], answered[0::2][::-1])]


def _csv(lines: list[list[str]]) -> bytes:
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(lines)
    return held.getvalue().encode()


def batch_images(learnt: Learnt, objects: Objects, content: bytes) -> bytes:
    """A line of JSON an image, in no order."""
    lines = []
    for text in content.decode().splitlines():
        instance = json.loads(text)
        chances = learnt.predictor.chances([pixels(objects.get(instance["content"]))])[0]
        order = sorted(range(len(chances)), key=lambda place: -chances[place])
        names = [learnt.predictor.classes[place] for place in order]
        told = {"ids": [str(place) for place in order], "displayNames": names, "confidences": [chances[place] for place in order]}
        lines.append(json.dumps({"instance": instance, "prediction": told}))
    return "".join(f"{line}\n" for line in reversed(lines)).encode()


def edge_files(learnt: Learnt, form: str) -> dict[str, bytes]:
    """An edge model's files: the linear model as TensorFlow has it, really to be run."""
    import tempfile
    from pathlib import Path

    import numpy as np
    import tensorflow as tf

    height, width = learnt.shape[:2]
    weights = tf.constant(_weights(learnt), tf.float32)
    bias = tf.constant(np.asarray(_bias(learnt)), tf.float32)
    grey = weights.shape[0] == height * width

    class Edge(tf.Module):  # type: ignore[misc]
        @tf.function(input_signature=[tf.TensorSpec([1, height, width, 3], tf.uint8, name="image")])  # type: ignore[untyped-decorator]
        def serve(self, image: Any) -> Any:
            scaled = tf.cast(image, tf.float32) / 255.0
            flat = tf.reshape(tf.reduce_mean(scaled, axis=-1) if grey else scaled, [1, -1])
            return tf.nn.softmax(tf.matmul(flat, weights) + bias)

    module = Edge()
    if form == "tflite":
        found = tf.lite.TFLiteConverter.from_concrete_functions([module.serve.get_concrete_function()], module).convert()
        held = io.BytesIO(found)
        held.seek(0, io.SEEK_END)
        with zipfile.ZipFile(held, "a") as packed:
            packed.writestr("dict.txt", "".join(f"{name}\n" for name in learnt.predictor.classes))
        return {"model.tflite": held.getvalue()}
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file() and path.name != "fingerprint.pb"
        }


def _weights(learnt: Learnt) -> Any:
    import numpy as np

    found = np.asarray(learnt.linear.coef_).T
    return np.hstack([-found / 2, found / 2]) if found.shape[1] == 1 else found


def _bias(learnt: Learnt) -> Any:
    import numpy as np

    found = np.asarray(learnt.linear.intercept_)
    return np.asarray([-found[0] / 2, found[0] / 2]) if len(found) == 1 else found


def _divided(kind: Literal["table", "image"], rows: list[Any], labels: list[str]) -> Sent:
    """Every tenth row tests."""
    test = range(0, len(rows), 10)
    kept = [place for place in range(len(rows)) if place % 10]
    return Sent(
        kind,
        ([rows[one] for one in kept], [labels[one] for one in kept]),
        ([rows[one] for one in test], [labels[one] for one in test]),
    )


def _metrics(predictor: Predictor, sent: Sent, regression: bool) -> dict[str, float]:
    """By Vertex AI's names."""
    from sklearn import metrics as known

    rows, truth = sent.validation
    if regression:
        exact, guess = [float(one) for one in truth], [float(one) for one in predictor.predict(rows)]
        return {
            "rootMeanSquaredError": float(known.root_mean_squared_error(exact, guess)),
            "meanAbsoluteError": float(known.mean_absolute_error(exact, guess)),
            "rSquared": float(known.r2_score(exact, guess)),
        }
    chances = [[one / sum(each) for one in each] for each in predictor.chances(rows)]  # images come in 32 bits
    classes = list(predictor.classes)
    wanted = [[float(one == name) for name in classes] for one in truth]
    flat = [(yes, chance) for row, each in zip(wanted, chances, strict=True) for yes, chance in zip(row, each, strict=True)]
    return {
        "logLoss": float(known.log_loss(truth, chances, labels=classes)),
        "auRoc": float(known.roc_auc_score([one for one, _ in flat], [one for _, one in flat])),
        "auPrc": float(known.average_precision_score([one for one, _ in flat], [one for _, one in flat])),
    }
