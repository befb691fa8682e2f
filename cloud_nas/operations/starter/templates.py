"""The starter specs that ship with cloud-nas: in a checkout beside the packages, in an installation inside one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cloud_nas.operations
from cloud_nas.errors import UsageError
from cloud_nas.spec.suggest import did_you_mean

DEFAULT = "image"


@dataclass(frozen=True)
class Template:
    """One starter: its name, the line that says what it does, and its folder."""

    name: str
    summary: str
    folder: Path

    def files(self) -> dict[str, bytes]:
        """Its files, as name in the new folder -> content."""
        found = [path for path in sorted(self.folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}


def templates() -> list[Template]:
    """All of them, by name."""
    folders = sorted(path.parent for path in _root().glob("*/spec.yaml"))
    return [Template(folder.name, _summary(folder / "spec.yaml"), folder) for folder in folders]


def template(name: str) -> Template:
    """The one of that name.

    Raises:
        UsageError: there is none.
    """
    known = {one.name: one for one in templates()}
    if name not in known:
        raise UsageError(f'no template "{name}"', hint=did_you_mean(name, known, what="there are"))
    return known[name]


def _root() -> Path:
    """`cloud_nas/templates` in an installation, `templates` beside the packages in a checkout."""
    package = Path(cloud_nas.operations.__file__).resolve().parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def _summary(spec: Path) -> str:
    """The first line of the spec's comment, behind the line for the editor."""
    lines = [line.lstrip("# ").rstrip() for line in spec.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    return lines[1]
