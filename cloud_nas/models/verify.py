"""Whether an artifact is what its manifest says: every listed file hashed again, and what lies there unlisted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError
from cloud_nas.models.manifest import NAME, Manifest
from local_engine.files import sha256_of

_OF_TRAINING = {NAME, "checkpoint.npz", "curve.jsonl", "predictions.parquet"}
"""May lie beside an artifact without being part of it: what training goes on from; predictions are listed once they are whole."""


@dataclass(frozen=True)
class Verification:
    """Paths inside the folder: those that are whole, those that differ from the manifest, are missing, or are not listed."""

    folder: Path
    whole: tuple[str, ...]
    different: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all that the manifest lists is there and whole; unlisted files are reported and break nothing."""
        return not self.different and not self.missing

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "dir": str(self.folder),
            "ok": self.ok,
            "files": len(self.whole),
            "different": list(self.different),
            "missing": list(self.missing),
            "unlisted": list(self.unlisted),
        }


def verify(manifest: Manifest) -> Verification:
    """Hashes every file that the manifest lists; links are not followed out of the folder, they count as different."""
    states: dict[str, list[str]] = {"whole": [], "different": [], "missing": []}
    for name, sha256 in manifest.files.items():
        states[_state(manifest.folder / name, sha256)].append(name)
    present = {path.relative_to(manifest.folder).as_posix() for path in manifest.folder.rglob("*") if not path.is_dir()}
    unlisted = sorted(present - set(manifest.files) - _OF_TRAINING)
    whole, different, missing = (tuple(found) for found in states.values())
    return Verification(manifest.folder, whole, different, missing, tuple(unlisted))


def require_whole(manifest: Manifest) -> None:
    """Ends here where a file is not what the manifest says.

    Raises:
        FailedError: a file differs or is missing; the message names it.
    """
    found = verify(manifest)
    if not found.ok:
        name = (found.different + found.missing)[0]
        what = "is not the one that its manifest lists" if found.different else "is missing"
        raise FailedError(
            f"{manifest.folder / name} {what}", hint=f"get the model again; cloud-nas verify {manifest.folder} tells more"
        )


def _state(path: Path, sha256: str) -> str:
    if path.is_symlink():
        return "different"
    if not path.is_file():
        return "missing"
    return "whole" if sha256_of(path) == sha256 else "different"
