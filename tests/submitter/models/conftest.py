"""Artifacts that are not what they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local_engine.files import sha256_of


def forge(artifact: Path, file: str = "model.keras", **changes: Any) -> Path:
    """Makes the manifest agree with a file that was changed."""
    path = artifact / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][file] = {"sha256": sha256_of(artifact / file), "bytes": (artifact / file).stat().st_size}
    path.write_text(json.dumps(manifest | changes))
    return artifact
