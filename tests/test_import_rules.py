"""The rooms and who may import whom, as docs/design.md has them; read from the source, nothing is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

SHARED = {"errors", "home", "files", "states", "quiet"}
"""Rooms that anyone in cloud_nas may use: the error tree, where state lies, the words for what a run is in, silence."""

ALLOWED = {
    "cli": {"operations", "doctor", "spec", "codes"},
    "door": {"operations", "doctor", "spec", "codes"},
    "operations": {"targets", "runs", "models", "compare", "rehearse", "package", "spec", "codes", "local_engine"},
    "doctor": {"targets", "runs", "spec", "codes", "local_engine"},
    "targets": {"package", "spec", "codes", "local_engine"},
    "package": {"spec", "codes", "local_engine"},
    "runs": {"spec", "codes", "local_engine"},
    "models": {"spec", "codes", "local_engine"},
    "compare": {"models", "spec", "codes", "local_engine"},
    "rehearse": {"spec", "codes", "local_engine"},
    "spec": {"codes", "local_engine"},
    "codes": set(),
    "errors": {"local_engine"},
    "home": set(),
    "files": set(),
    "quiet": set(),
    "states": {"local_engine"},
}

HEAVY = {
    "tensorflow",
    "keras",
    "optuna",
    "pandas",
    "numpy",
    "sklearn",
    "pyarrow",
    "skops",
    "boto3",
    "botocore",
    "google",
    "torch",
    "ray",
}


def python_files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path, *, top_level_only: bool = False) -> Iterator[tuple[int, str]]:
    """Every absolute module name that `path` imports, with its line; TYPE_CHECKING blocks left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; write the whole name"
            if node.module in {"cloud_nas", "local_engine"}:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def room(module: str) -> str:
    parts = module.split(".")
    if parts[0] != "cloud_nas":
        return parts[0]
    return parts[1] if len(parts) > 1 else "door"


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "cloud_nas").parts
    if parts[0] in {"__init__.py", "__main__.py"}:
        return "door" if parts[0] == "__init__.py" else "cli"
    return parts[0].removesuffix(".py")


def test_the_engine_knows_nothing_of_the_submitter() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in python_files("local_engine")
        for line, name in imports(path)
        if name.split(".")[0] == "cloud_nas"
    ]
    assert not found, "\n".join(found)


def test_rooms_import_only_what_they_may() -> None:
    found = []
    for path in python_files("cloud_nas"):
        here = room_of(path)
        if here == "testing":
            continue
        assert here in ALLOWED, f"{path.relative_to(ROOT)}: a room that the rules do not name"
        for line, name in imports(path):
            there = room(name)
            ours = name.split(".")[0] in {"cloud_nas", "local_engine"}
            if ours and there not in ALLOWED[here] | SHARED | {here}:
                found.append(f"{path.relative_to(ROOT)}:{line}: {here} imports {there}")
    assert not found, "\n".join(found)


def test_one_file_a_cloud_imports_its_sdk() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("cloud_nas")
        for _, name in imports(path)
        if name.split(".")[0] in {"boto3", "botocore", "google"} and room_of(path) != "rehearse"
    }
    assert found <= {
        "cloud_nas/targets/sagemaker/client.py",
        "cloud_nas/targets/vertex/client.py",
        "cloud_nas/targets/vertex/storage.py",
    }


def test_light_rooms_import_nothing_heavy_at_the_top() -> None:
    light = [
        path
        for path in python_files("cloud_nas")
        if room_of(path) in {"cli", "door", "spec", "codes", "errors", "home", "runs", "targets"}
    ]
    light += [
        ROOT / "local_engine" / name
        for name in ("__init__.py", "definition.py", "events.py", "errors.py", "files.py", "metrics.py", "seeds.py")
    ]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in light
        for line, name in imports(path, top_level_only=True)
        if name.split(".")[0] in HEAVY
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "module", ["local_engine", "cloud_nas", "cloud_nas.cli.main", "cloud_nas.spec", "cloud_nas.runs.registry"]
)
def test_importing_a_light_room_brings_nothing_heavy(module: str) -> None:
    # Google's packages put an empty `google` into every Python that starts.
    heavy = HEAVY - {"google"} | {"google.api_core", "google.auth", "google.cloud.aiplatform_v1", "google.protobuf"}
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {heavy!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
