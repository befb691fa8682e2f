"""How much two single-threaded workers get done against one: the same random search, and the same values from both.

One worker is given one core (the whole search is, so that the worker has one thread), two are given two. Fashion-MNIST's first
12,000 training rows where the data set is at hand, scikit-learn's digits elsewhere. Searches alternate; medians are compared.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

REPEATS = 3
TRIALS = 12
MODEL = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Flatten()])
    model.add(keras.layers.Dense(hp.Int("units", 16, 256, step=16), activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.Adam(hp.Float("rate", 1e-4, 1e-2, sampling="log")), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model
"""
SPEC = """
version: 1
name: workers
task: image-classification
data: {{source: {source}}}
space: {{model: "model.py:build"}}
search: {{strategy: random, seed: 1}}
train: {{epochs: 4, batch_size: 32}}
final: {{fit: keep}}
budget: {{trials: {trials}}}
"""


def data(folder: Path) -> str:
    """The source: a file with 12,000 rows of Fashion-MNIST, or the digits."""
    import numpy as np

    from benchmarks.fashion import folder_of_data
    from local_engine.data.sources.idx import read_idx

    try:
        there = folder_of_data()
    except SystemExit:
        return "builtin:digits"
    images, labels = (read_idx(next(there.glob(f"train-{kind}*"))) for kind in ("images", "labels"))
    np.savez(folder / "rows.npz", x=images[:12_000], y=labels[:12_000])
    return str(folder / "rows.npz")


def search(spec: Path, home: Path, workers: int, cores: set[int]) -> tuple[float, list[float]]:
    """Seconds of the search alone, first worker ready to last tell, and every trial's value, by number."""
    environment = {**os.environ, "CLOUD_NAS_HOME": str(home), "CLOUD_NAS_NO_PROGRESS": "1"}
    command = [sys.executable, "-m", "cloud_nas"]

    def on_cores() -> None:
        os.sched_setaffinity(0, cores)

    arguments = ["run", str(spec), "--fresh", "--parallel", str(workers), "--json"]
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, preexec_fn=on_cores)
    if done.returncode:
        raise SystemExit(done.stderr)
    result = json.loads(done.stdout)
    listed = subprocess.run(
        [*command, "trials", result["run_id"], "--json"], env=environment, capture_output=True, text=True, check=True
    )
    trials = json.loads(listed.stdout)["trials"]
    return result["seconds"], [one["value"] for one in sorted(trials, key=lambda one: one["number"])]


def main() -> None:
    """Alternates both; prints seconds, trials a minute, their ratio, and whether the values are the same."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("skipped: two workers need two cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.py").write_text(MODEL, encoding="utf-8")
        (folder / "spec.yaml").write_text(SPEC.format(source=json.dumps(data(folder)), trials=TRIALS), encoding="utf-8")
        seconds: dict[int, list[float]] = {1: [], 2: []}
        values = []
        for _ in range(REPEATS):
            for workers in (1, 2):
                took, found = search(folder / "spec.yaml", folder / "home", workers, set(cores[:workers]))
                seconds[workers].append(took)
                values.append(found)
                print(
                    f"{workers} worker{'s' if workers > 1 else ''}: {took:.1f} s, {60 * TRIALS / took:.1f} trials a minute",
                    flush=True,
                )
    one, two = statistics.median(seconds[1]), statistics.median(seconds[2])
    print(f"two workers do {one / two:.2f}x the trials of one (medians of {REPEATS})")
    print("every trial has the same value in all searches" if all(found == values[0] for found in values) else "VALUES DIFFER")
