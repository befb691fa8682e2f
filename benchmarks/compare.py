"""Which of four models is best, on digits and on breast_cancer: one that was searched here, one by a rehearsed tuning run at
SageMaker, one by another at Vertex AI, and predictions that scikit-learn made without this project.

All four are asked about the same rows: the searches are of one spec, so that its split holds the same rows out of each, and the
rehearsals are of all rows (`--rows` would hold out more). Whoever predicts elsewhere reads the ids of those rows in any of the
runs' `predictions.parquet`, and trains on the others. `compare` then needs no `--data`, and refuses whatever is of other rows.
The pages are written into `build/compare`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fashion import cloud_nas

REHEARSED = ("sagemaker:tuning", "vertex:tuning")
TRIALS = 4

SPEC = """
version: 1
name: {name}
task: {task}
data: {{source: "builtin:{name}"}}
space: {{model: "{name}.py:build"}}
search: {{strategy: random, seed: 1}}
train: {{epochs: 12, batch_size: 32}}
budget: {{trials: {trials}}}
"""

MODEL = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Flatten()])
    for _ in range(hp.Int("layers", 1, 2)):
        model.add(keras.layers.Dense(hp.Int("units", 16, 64, step=16), activation="relu"))
    model.add(keras.layers.Dense({units}, activation="softmax"))
    rate = hp.Float("rate", 1e-3, 3e-2, sampling="log")
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

TASKS = {"digits": ("image-classification", 10), "breast_cancer": ("tabular-classification", 2)}

OUTSIDE = """
import sys

import pandas as pd
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier

name, predictions, out = sys.argv[1:]
data = getattr(datasets, f"load_{name}")()
held_out = pd.read_parquet(predictions)["row_id"].to_numpy()
classes = [str(one) for one in (range(10) if name == "digits" else data.target_names)]
train = [row for row in range(len(data.target)) if row not in set(held_out.tolist())]
model = RandomForestClassifier(200, random_state=0).fit(data.data[train], data.target[train])
chances = model.predict_proba(data.data[held_out])
table = pd.DataFrame(chances, columns=[f"p_{one}" for one in classes])
table.insert(0, "row_id", held_out)
table.insert(1, "prediction", [classes[one] for one in chances.argmax(axis=1)])
table.to_csv(out, index=False)
"""
"""What anyone may run who has never heard of this project."""


def compare(
    name: str, work: Path, pages: Path, *, rehearsed: Sequence[str] = REHEARSED, trials: int = TRIALS
) -> dict[str, object]:
    """Makes the models of a data set, compares them, prints the table and writes the page.

    Args:
        name: `digits` or `breast_cancer`.
        work: a folder for specs, files and runs.
        pages: where the page is written.
        rehearsed: the targets to rehearse.
        trials: of each search.

    Returns:
        What `compare --json` prints.

    Raises:
        SystemExit: a command failed; with what it said.
    """
    task, units = TASKS[name]
    (work / f"{name}.py").write_text(MODEL.format(units=units), encoding="utf-8")
    spec = work / f"{name}.yaml"
    spec.write_text(SPEC.format(name=name, task=task, trials=trials), encoding="utf-8")
    here = _told("run", str(spec), work=work)
    runs = [here["run_id"], *(_told("rehearse", str(spec), "--on", on, work=work)["run_id"] for on in rehearsed)]
    outside = work / f"{name}-forest.csv"
    kept = Path(str(here["model"])) / "predictions.parquet"
    subprocess.run([sys.executable, "-c", OUTSIDE, name, str(kept), str(outside)], check=True)
    pages.mkdir(parents=True, exist_ok=True)
    models = [*map(str, runs), str(outside)]
    done = cloud_nas("compare", *models, "--html", str(pages / f"{name}.html"), "--rows", home=work / "home")
    if done.returncode:
        raise SystemExit(done.stderr)
    print(f"### {name}\n\n{done.stdout}\n{done.stderr}", flush=True)
    return _told("compare", *models, "--no-speed", work=work)


def _told(*arguments: str, work: Path) -> dict[str, object]:
    """What a command prints with `--json`."""
    done = cloud_nas(*arguments, "--json", home=work / "home")
    if done.returncode:
        raise SystemExit(f"cloud-nas {' '.join(arguments)}\n{done.stderr}")
    told: dict[str, object] = json.loads(done.stdout)
    return told


def main() -> None:
    """Both data sets."""
    with tempfile.TemporaryDirectory() as folder:
        for name in TASKS:
            compare(name, Path(folder), Path("build", "compare"))
