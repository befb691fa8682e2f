"""Whether the engine's packages are here, of versions that work together, and can be imported at all."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import time
from collections.abc import Iterator

from cloud_nas.doctor.finding import Finding

INSTALL = 'pip install "cloud-nas[local]"'
UPGRADE = 'pip install --upgrade "cloud-nas[local]"'

PACKAGES = {
    "tensorflow": ">=2.21,<2.22",
    "keras": ">=3.15.1",
    "optuna": ">=5,<6",
    "numpy": ">=1.26",
    "pandas": ">=2.2",
    "pyarrow": ">=16",
    "scipy": ">=1.13",
    "scikit-learn": ">=1.5",
    "skops": ">=0.13",
    "jinja2": ">=3.1.5",
}
"""What the extra `local` asks for, as pyproject.toml has it; a test holds the two together."""

_IMPORTS = "import tensorflow, keras, numpy, optuna, pandas, pyarrow, scipy, sklearn, skops, jinja2"
_PATIENCE = 120.0
"""Seconds that an import may take; the first one after an installation compiles thousands of files."""


def look() -> tuple[Finding, ...]:
    """A line a package, and one for all of them together, which is only tried where each is there."""
    packages = tuple(_package(name, wanted) for name, wanted in PACKAGES.items())
    return packages if any(found.ok is False for found in packages) else (*packages, *_together())


def _package(name: str, wanted: str) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", INSTALL)
    if not within(version, wanted):
        return Finding(name, False, f"{version}; {wanted} is needed", UPGRADE)
    return Finding(name, True, version)


def _together() -> Iterator[Finding]:
    """Imports them in a process of its own: a wrong build of TensorFlow ends the process that imports it."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORTS], capture_output=True, text=True, errors="replace", timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired:
        yield Finding("engine", False, f"cannot be imported within {_PATIENCE:.0f} s", "look whether the disk or memory is short")
        return
    if done.returncode == 0:
        yield Finding("engine", True, f"imported in {time.monotonic() - began:.1f} s")
        return
    lines = done.stderr.strip().splitlines()
    reason = f"ended by signal {-done.returncode}" if done.returncode < 0 else lines[-1] if lines else "no reason given"
    yield Finding("engine", False, f"cannot be imported: {reason}", f"{INSTALL} --force-reinstall")


def within(version: str, wanted: str) -> bool:
    """Whether a version is one of `>=2.21,<2.22`."""
    bounds = [(clause[:2] == ">=", _numbers(clause.lstrip("<>="))) for clause in wanted.split(",")]
    return all((_numbers(version) >= bound) == at_least for at_least, bound in bounds)


def _numbers(version: str) -> tuple[int, ...]:
    """`3.15.1rc2` as `(3, 15, 1)`."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()
