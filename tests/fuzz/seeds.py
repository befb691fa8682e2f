"""Good input of each kind, from which broken ones are made."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile

import numpy as np

SPEC = b"""
version: 1
name: digits
task: image-classification
data: {source: builtin:digits, split: {validation: 0.2, test: 0.1, seed: 1}}
objective: {metric: accuracy}
space: {model: model.py:build}
search: {strategy: hyperband, factor: 3, seed: 7}
train: {epochs: 10, batch_size: 64, stop_early: {monitor: val_loss, patience: 5}, callbacks: [{ReduceLROnPlateau: {factor: 0.5}}]}
final: {fit: train+validation, keep: best}
budget: {time: 10m, cost: 20 USD}
targets:
  sagemaker: {region: eu-west-1, role: "arn:aws:iam::123456789012:role/trains", bucket: my-bucket, tags: {team: vision}}
  vertex: {project: my-project, location: us-central1, bucket: my-bucket, accelerator: NVIDIA_TESLA_T4, labels: {team: vision}}
"""


def archive() -> bytes:
    """An archive as an honest one is, without its gzip."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in (("manifest.json", b"{}"), ("code/model.py", b"x = 1\n"), ("ü" * 60, b"y"), ("a/" * 20 + "b", b"z")):
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    return buffer.getvalue()


def config() -> bytes:
    """The configuration of a model of one layer."""
    told = {
        "module": "keras", "class_name": "Sequential", "registered_name": None,
        "config": {"name": "sequential", "layers": [
            {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 3}, "registered_name": None}]},
    }  # fmt: skip
    return json.dumps(told).encode()


def keras_file() -> bytes:
    """That model's file."""
    import h5py

    buffer, weights = io.BytesIO(), io.BytesIO()

    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"] = np.zeros((2, 3), "float32")
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "date_saved": "2026-11-24"}))
        zipped.writestr("config.json", config())
        zipped.writestr("model.weights.h5", weights.getvalue())
    return buffer.getvalue()
