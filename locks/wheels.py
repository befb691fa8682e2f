"""Makes the locks of the wheels that the clouds' TensorFlow images lack, from the versions that `local.txt` has.

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
from typing import Any

from packaging.markers import Marker

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "cloud_nas" / "package"
LOCKS = ("wheels_tensorflow_2_21.json", "wheels_docker_tensorflow_2_21.json")


def main() -> None:
    """Writes the locks anew; what an image is, and which packages go together, stay as they are in them."""
    pins = (HERE / "local.txt").read_text(encoding="utf-8")
    for name in LOCKS:
        _make(PACKAGE / name, pins)


def _make(path: Path, pins: str) -> None:
    lock = json.loads(path.read_text(encoding="utf-8"))
    names = sorted({name for needed in lock["needs"].values() for name in needed})
    with tempfile.TemporaryDirectory() as folder:
        lock["wheels"] = {
            name: _described(name, _version(name, pins, lock["image"]), Path(folder), lock["image"]) for name in names
        }
    for name, wheel in lock["wheels"].items():
        if wheel["sha256"] not in pins:
            raise SystemExit(f"{name}: local.txt has no file with the sha256 {wheel['sha256']}")
    path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def _version(name: str, pins: str, image: dict[str, Any]) -> str:
    """The version that is pinned for the image's Python."""
    python = {"python_version": image["python"], "python_full_version": f"{image['python']}.0"}
    for version, marker in re.findall(rf"^{re.escape(name)}==([^\s;]+)(?: ; (.*?))?(?: \\)?$", pins, re.MULTILINE):
        if not marker or Marker(marker).evaluate(python):
            return str(version)
    raise SystemExit(f"{name}: local.txt has no version for Python {image['python']}")


def _described(name: str, version: str, folder: Path, image: dict[str, Any]) -> dict[str, object]:
    python = str(image["python"])
    options = [f"--platform={platform}" for platform in image["platforms"]]
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
