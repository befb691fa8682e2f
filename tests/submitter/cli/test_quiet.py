"""TensorFlow's own lines stay off the terminal, unless the user asks for them, and are shown where its import fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cloud_nas.quiet import LEVEL, quiet_tensorflow

ROOT = Path(__file__).resolve().parents[3]


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    start = f"from cloud_nas.quiet import quiet_tensorflow; quiet_tensorflow(); {code}"
    return subprocess.run(
        [sys.executable, "-c", start],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
    )


def test_nothing_is_said_while_tensorflow_is_imported_and_first_used() -> None:
    done = run("import tensorflow as tf; import os; os.write(2, b'seen\\n'); tf.constant(1.0)")
    assert (done.returncode, done.stderr) == (0, "seen\n")


def test_looking_for_it_does_not_spend_the_silence(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text(
        "import os, types\nos.write(2, b'noise')\nconfig = types.SimpleNamespace(list_physical_devices=list)\n"
    )
    code = "import importlib.util; importlib.util.find_spec('tensorflow'); import tensorflow; print(tensorflow.config)"
    done = run(code, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert (done.returncode, done.stderr) == (0, "")
    assert run(code, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}", TF_CPP_MIN_LOG_LEVEL="0").stderr == "noise"


def test_what_it_said_is_shown_where_the_import_fails(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text("import os\nos.write(2, b'no such driver\\n')\nraise ImportError('broken')\n")
    done = run("import tensorflow", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 1
    assert done.stderr.startswith("no such driver\n") and "ImportError: broken" in done.stderr


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEVEL, "1")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    before = list(sys.meta_path)
    quiet_tensorflow()
    assert (os.environ[LEVEL], os.environ["TF_ENABLE_ONEDNN_OPTS"]) == ("1", "1")
    assert sys.meta_path == before
