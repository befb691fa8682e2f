"""Not a byte of a held-out row is in any file of a plan's upload list, at any target of a cloud; for any split: see `package`."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest

from cloud_nas.operations.plan import PlanResult, plan
from cloud_nas.package.png import png
from cloud_nas.targets import find, names
from cloud_nas.targets.base import Submits
from local_engine.data import load as load_data

from .conftest import PLACES

TARGETS = [name for name in names() if isinstance(find(name), Submits)]
IMAGES = [name for name in TARGETS if name != "sagemaker:autopilot"]
COUNT = 1400  # AutoML takes a thousand at least, without the held-out ones

MODEL = """
from sklearn.linear_model import LogisticRegression


def build(hp):
    return LogisticRegression(C=hp.Float("C", 0.01, 10.0))
"""

SPLIT = "{test: 0.13, validation: 0.2, seed: 5}"


def contents(path: str) -> bytes:
    """A file as it travels; of an archive what is in it."""
    data = Path(path).read_bytes()
    if not path.endswith(".tar.gz"):
        return data
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        opened = (archive.extractfile(member) for member in archive if member.isfile())
        return b"\n".join(file.read() for file in opened if file is not None)


def written(folder: Path, on: str, data: str, task: str) -> Path:
    section = on.partition(":")[0]
    place = ", ".join(f"{key}: {value}" for key, value in PLACES[section].items())
    (folder / "model.py").write_text(MODEL)
    (folder / "spec.yaml").write_text(
        f"version: 1\nname: held-out\ntask: {task}\ndata: {data}\nspace: {{model: model.py:build}}\n"
        f"search: {{strategy: random}}\nbudget: {{trials: 2, time: 2h}}\ntargets: {{{section}: {{{place}}}}}\n"
    )
    return folder / "spec.yaml"


@pytest.mark.parametrize("on", TARGETS)
def test_of_a_table(on: str, tmp_path: Path) -> None:
    rows = [f"id{one}i,word{one}x,{one / 2},{'yn'[one % 2]}" for one in range(COUNT)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,word,n,y", *rows]) + "\n")
    spec = written(tmp_path, on, f"{{source: rows.csv, target: y, id: id, split: {SPLIT}}}", "tabular-classification")
    made = plan(spec, on=on, wheels=False)
    travels = b"\n".join(contents(one.source) for one in made.uploads)
    held_out = _held_out(made)
    words, ids = (set(map(int, re.findall(pattern, travels))) for pattern in (rb"word(\d+)x", rb"id(\d+)i"))
    assert words == set(range(COUNT)) - held_out
    assert ids <= words


@pytest.mark.parametrize("on", IMAGES)
def test_of_images(on: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    pixels = draw.integers(0, 256, size=(300, 6, 6), dtype=np.uint8)
    np.savez(tmp_path / "rows.npz", x=pixels, y=np.arange(300) % 3)
    spec = written(tmp_path, on, f"{{source: rows.npz, split: {SPLIT}}}", "image-classification")
    made = plan(spec, on=on, wheels=False)
    files = [contents(one.source) for one in made.uploads]
    travels, held_out = b"\n".join(files), _held_out(made)
    found = [one.tobytes() in travels or png(one) in files for one in pixels]
    assert found == [number not in held_out for number in range(300)]


def _held_out(made: PlanResult) -> set[int]:
    """The rows that nothing may see, by their places in the source."""
    assert made.prepared is not None
    definition = made.prepared.job.definition
    data = load_data(definition.data, definition.task)
    assert data.test is not None and data.test.n
    return set(data.test.positions.tolist())
