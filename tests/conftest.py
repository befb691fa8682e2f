"""What every test stands on: a home of its own, no progress output, the shared data sets where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("CLOUD_NAS_PARALLEL", "0")  # a worker takes seconds to start; tests of workers ask for them

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `$CLOUD_NAS_HOME`, and no configuration of the person who runs the tests."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CLOUD_NAS_HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("CLOUD_NAS_NO_PROGRESS", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", os.environ["CUDA_VISIBLE_DEVICES"])  # a search with workers hides GPUs for good
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets: `$CLOUD_NAS_TEST_DATA`, else `../shared/data`; skips where neither is there."""
    folder = Path(os.environ.get("CLOUD_NAS_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no test data: set CLOUD_NAS_TEST_DATA to a folder with mnist/ and fashion-mnist/")
    return folder
