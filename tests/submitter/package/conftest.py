"""A search with code of its own, as it stands in somebody's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_nas.package.code import Cargo
from cloud_nas.package.user_files import collect
from local_engine.definition import Callback, Code, Data, Definition, ModelSpace, Objective, Search, Split, Train
from local_engine.space.flat import Space

Loaded = Callable[[Path], Cargo]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path / "a-private-name" / "project")


def written(folder: Path) -> Path:
    """The same project in any folder."""
    (folder / "layers").mkdir(parents=True)
    (folder / "model.py").write_text("from layers import dense\n\n\ndef build(hp):\n    return dense(hp)\n")
    (folder / "layers" / "__init__.py").write_text("def dense(hp):\n    return None\n")
    (folder / "watch.py").write_text("class Watch:\n    pass\n")
    (folder / "rows.csv").write_text("a,y\n1,0\n")
    return folder


def cargo(folder: Path, *, kind: str = "trial", include: tuple[str, ...] = (), requirements: tuple[str, ...] = ()) -> Cargo:
    """What travels of the project in `folder`, found without importing it."""
    definition = Definition(
        name="mine",
        task="tabular-classification",
        data=Data(str(folder / "rows.csv"), "y", split=Split(0.2, str(folder / "rows.csv"))),
        objective=Objective("accuracy", "maximize"),
        space=ModelSpace(str(folder / "model.py"), "build"),
        search=Search("random", 7),
        train=Train(3, callbacks=(Callback(f"{folder / 'watch.py'}:Watch"), Callback("TerminateOnNaN"))),
        code=Code(str(folder), include, requirements),
    )
    names = ["model.py", "layers/__init__.py", "watch.py", *include]
    files = collect([(folder / name, None) for name in names], [folder])
    space = Space.from_choices({"units": [16, 32]}) if kind == "trial" else None
    return Cargo(kind, definition, files, "f" * 64, 3600.0, space)  # type: ignore[arg-type]
