"""An environment of its own with keras-tuner 1.4.8, made once a machine; TensorFlow in it is the one of this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

PACKAGES = ("keras-tuner==1.4.8", "tensorboard")


def python_with_keras_tuner() -> Path:
    """The interpreter of that environment; skips, with the reason, where it cannot be made."""
    parent = Path(os.environ.get("CLOUD_NAS_TEST_CACHE") or tempfile.gettempdir())
    key = f"{sys.version_info.major}{sys.version_info.minor}-{Path(sys.prefix).name}"
    folder = parent / f"cloud-nas-keras-tuner-1.4.8-{key}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists() and ready.read_text() == sys.prefix:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    site = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, text=True)
        (folder / site / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(install, check=True, capture_output=True, text=True, timeout=600)
        subprocess.run([str(python), "-c", "import keras_tuner"], check=True, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        pytest.skip(f"no environment with {' and '.join(PACKAGES)}: {reason}")
    ready.write_text(sys.prefix)
    return python
