"""An artifact looked at: whether it is whole, and what its model weighs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from local_engine.files import sha256_of


def weights(folder: Path) -> list[np.ndarray]:
    from local_engine.training import load_model

    return [np.asarray(value) for value in load_model(folder, trust=True).model.get_weights()]


def assert_whole(folder: Path) -> dict[str, Any]:
    """The manifest of an artifact, all of whose files are what it says."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*manifest["files"], "manifest.json"}
    for name, about in manifest["files"].items():
        assert sha256_of(folder / name) == about["sha256"]
    return manifest
