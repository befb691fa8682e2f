"""Five models on a million rows of ten classes: seconds and peak memory of the whole command, which reads five files.

Accuracy (McNemar) and log loss (paired permutation, in its normal form above 20,000 rows) are tested on all ten pairs; every
other metric is measured with its interval; the page is written.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS, CLASSES, MODELS = 1_000_000, 10, 5


def write(folder: Path, rows: int) -> list[str]:
    """The predictions of each model: they agree on most rows, and each is a little better than the one before."""
    from cloud_nas.models import predictions

    draw = np.random.default_rng(1)
    names = np.asarray([f"class {one}" for one in range(CLASSES)], dtype=object)
    about = predictions.About("tabular-classification", "ab" * 32, "m", "accuracy", "maximize", tuple(names))
    codes = draw.integers(0, CLASSES, rows)
    shared = draw.normal(size=(rows, CLASSES))
    paths = []
    for number in range(MODELS):
        chances = shared + draw.normal(scale=0.7, size=(rows, CLASSES))
        chances[np.arange(rows), codes] += 1.0 + 0.01 * number
        np.exp(chances, out=chances)
        chances /= chances.sum(axis=1, keepdims=True)
        found = predictions.Predictions(about, np.arange(rows), names[chances.argmax(axis=1)], chances, names[codes])
        paths.append(str(predictions.write(found, folder / f"model-{number}.parquet")))
    return paths


def measure(rows: int = ROWS) -> tuple[float, float]:
    """Seconds of the command, and the most memory that it held, in GiB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = [*write(folder, rows), "--metric", "accuracy", "--metric", "log_loss", "--html", str(folder / "page.html")]
        environment = {**os.environ, "CLOUD_NAS_HOME": str(folder / "home"), "CLOUD_NAS_NO_PROGRESS": "1"}
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "cloud_nas", "compare", *asked], env=environment, check=True, stdout=sys.stderr)
        seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def main() -> None:
    """Prints both."""
    seconds, memory = measure()
    print(f"{ROWS:,} rows, {MODELS} models, {CLASSES} classes: {seconds:.1f} s, {memory:.2f} GiB at most")
