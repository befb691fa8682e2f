"""A process that starts in the middle of a search imports what the search imported in the beginning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from local_engine.space import frozen

_LOOK = """
import json, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from local_engine.definition import ModelSpace
from local_engine.space import frozen
from local_engine.space.builder import load_builder
frozen.use(Path({kept!r}))
builder = load_builder(ModelSpace({file!r}, "build"))
print(json.dumps([builder.sha256(), builder.build({{}}).what, builder.build({{}}).beside]))
"""

_MODEL = """
from pathlib import Path

import helper


class Model:
    def fit(self): ...

    def predict(self): ...


def build(hp):
    model = Model()
    model.what = helper.WHAT
    model.beside = (Path(__file__).parent / "beside.txt").read_text()
    return model
"""


def test_edited_files_change_nothing(tmp_path: Path) -> None:
    from local_engine.definition import ModelSpace
    from local_engine.space.builder import load_builder

    (tmp_path / "model.py").write_text(_MODEL)
    (tmp_path / "helper.py").write_text("WHAT = 'old'\n")
    (tmp_path / "beside.txt").write_text("data")
    builder = load_builder(ModelSpace(str(tmp_path / "model.py"), "build"))
    frozen.keep(tmp_path / "kept", builder.contents)
    (tmp_path / "helper.py").write_text("WHAT = 'new'\n")
    (tmp_path / "model.py").write_text("raise SystemExit('edited')\n")
    root = str(Path(__file__).parents[3])
    code = _LOOK.format(root=root, kept=str(tmp_path / "kept"), file=str(tmp_path / "model.py"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f'["{builder.sha256()}", "old", "data"]'
    assert not list(tmp_path.rglob("__pycache__"))
