"""Makes the lock of the wheels that AWS's TensorFlow image lacks, from the versions that `local.txt` has.

    python locks/wheels.py

It asks the package index that pip asks, and takes no file whose hash `local.txt` has not.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE.parent / "cloud_nas" / "package" / "wheels_tensorflow_2_21.json"


def main() -> None:
    """Writes the lock anew; what the image is, and which packages go together, stay as they are in it."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    pins = (HERE / "local.txt").read_text(encoding="utf-8")
    names = sorted({name for needed in lock["needs"].values() for name in needed})
    versions = {name: re.search(rf"^{re.escape(name)}==(\S+)", pins, re.MULTILINE)[1] for name in names}  # type: ignore[index]
    with tempfile.TemporaryDirectory() as folder:
        lock["wheels"] = {name: _described(name, version, Path(folder), lock["image"]) for name, version in versions.items()}
    for name, wheel in lock["wheels"].items():
        if wheel["sha256"] not in pins:
            raise SystemExit(f"{name}: local.txt has no file with the sha256 {wheel['sha256']}")
    LOCK.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def _described(name: str, version: str, folder: Path, image: dict[str, object]) -> dict[str, object]:
    python = str(image["python"])
    options = [f"--platform={platform}" for platform in image["platforms"]]  # type: ignore[attr-defined]
    options += [f"--python-version={python}", "--implementation=cp", f"--abi=cp{python.replace('.', '')}"]
    place = folder / name
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *options]
    subprocess.run([*command, f"{name}=={version}", "-d", str(place)], check=True)
    (wheel,) = place.iterdir()
    content = wheel.read_bytes()
    return {
        "version": version,
        "file": wheel.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }


if __name__ == "__main__":
    main()
