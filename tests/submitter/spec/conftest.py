"""A small project that specs under test stand in: a model, tables, a data set with a test part of its own."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

MODEL = """\
from helpers import make_model
import functools

ready = functools.partial(make_model, units=3)

def build(hp):
    return hp.Int("units", 16, 512)

class Net:
    def build(self, hp):
        return hp
"""


def npz_of(*names: str) -> bytes:
    """A file with the members that `numpy.savez` writes, each an empty array, made without NumPy."""
    content = io.BytesIO()
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }"
    header = header.ljust(64 - 10 - 1) + b"\n"
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    return content.getvalue()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with everything that a good spec can name."""
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "broken.py").write_text("import os\n\ndef build(hp)\n    pass\n")
    (tmp_path / "star.py").write_text("from somewhere import *\n")
    (tmp_path / "flowers.csv").write_text("petal length,petal width,kind\n1,2,a\n2,3,b\n")
    (tmp_path / "heldout.csv").write_text("petal length,petal width,species\n1,2,a\n")
    (tmp_path / "whole.npz").write_bytes(npz_of("x", "y"))
    (tmp_path / "divided.npz").write_bytes(npz_of("x_train", "y_train", "x_test", "y_test"))
    (tmp_path / "mnist").mkdir()
    for name in ("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz"):
        (tmp_path / "mnist" / name).write_bytes(b"")
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "attention.py").write_text("class Mine: pass\n")
    return tmp_path


@pytest.fixture
def good(project: Path) -> Path:
    """A spec without a mistake, with a value for nearly everything."""
    path = project / "spec.yaml"
    path.write_text(GOOD)
    return path


GOOD = """\
# yaml-language-server: $schema=./cloud-nas.schema.json
version: 1
name: fashion-mlp
task: image-classification
data:
  source: builtin:digits
  split: {validation: 0.2, test: 0.1, seed: 1, stratify: true}
  scale: unit
objective: {metric: accuracy, goal: maximize}
space:
  model: model.py:build
search:
  strategy: hyperband
  factor: 3
  seed: 7
train:
  epochs: 10
  batch_size: 32
  stop_early: {monitor: val_loss, patience: 5}
  callbacks: [TerminateOnNaN, {ReduceLROnPlateau: {factor: 0.5}}, "layers/attention.py:Mine"]
final: {fit: train+validation, keep: best}
budget: {trials: 30, epochs: null, time: 2h}
code: {include: [layers/], requirements: []}
"""
