"""Fashion-MNIST, 60,000 rows, the Keras Tuner tutorial's model under Hyperband: with a softmax, and as the tutorial has it.

Needs the data set in `$CLOUD_NAS_TEST_DATA/fashion-mnist` or `../shared/data/fashion-mnist`. Minutes, on two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODEL = """
from tensorflow import keras


def model_builder(hp):
    model = keras.Sequential()
    model.add(keras.layers.Flatten(input_shape=(28, 28)))
    model.add(keras.layers.Dense(hp.Int("units", min_value=16, max_value=512, step=16), activation="relu"))
    model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(10{activation}))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

SPEC = """
version: 1
name: {name}
task: image-classification
data: {{source: {source}}}
objective: {{metric: accuracy}}
space: {{model: "{name}.py:model_builder"}}
search: {{strategy: hyperband, factor: 3, seed: 0}}
train: {{epochs: 10, stop_early: {{monitor: val_loss, patience: 5}}}}
"""


def folder_of_data() -> Path:
    """The data set's folder.

    Raises:
        SystemExit: it is in neither place.
    """
    folder = (
        Path(os.environ.get("CLOUD_NAS_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "fashion-mnist"
    )
    if not folder.is_dir():
        raise SystemExit("skipped: no fashion-mnist; set CLOUD_NAS_TEST_DATA to the folder that holds it")
    return folder


def cloud_nas(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs one command of ours and returns what it printed."""
    environment = {**os.environ, "CLOUD_NAS_HOME": str(home), "CLOUD_NAS_NO_PROGRESS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "cloud_nas", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def run(name: str, activation: str, work: Path) -> None:
    """Searches one variant; prints the trial table, the best, its accuracy on the 10,000 test rows, and the time."""
    (work / f"{name}.py").write_text(MODEL.format(activation=activation), encoding="utf-8")
    spec = work / f"{name}.yaml"
    spec.write_text(SPEC.format(name=name, source=json.dumps(str(folder_of_data()))), encoding="utf-8")
    start = time.perf_counter()
    done = cloud_nas("run", str(spec), "--json", home=work / "home")
    wall = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    result = json.loads(done.stdout)
    print(f"### {name}\n")
    print("\n".join(line for line in done.stderr.splitlines() if "warning" in line))
    print(cloud_nas("trials", result["run_id"], home=work / "home").stdout)
    scored = json.loads(cloud_nas("evaluate", result["run_id"], str(folder_of_data()), "--json", home=work / "home").stdout)
    print(f"best trial {result['best']['trial']} {result['best']['params']}: validation accuracy {result['best']['value']:.4f}")
    print(f"test accuracy {scored['metrics']['accuracy']:.4f} on {scored['n']} held-out rows")
    print(f"search {result['seconds']:.0f} s; the whole command {wall:.0f} s\n", flush=True)


def main() -> None:
    """Runs both variants."""
    with tempfile.TemporaryDirectory() as folder:
        run("with-softmax", ', activation="softmax"', Path(folder))
        run("as-it-stands", "", Path(folder))
