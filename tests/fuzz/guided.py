"""A reader fed by Atheris, which follows what each input reaches in the reader's own code: where we parse bytes ourselves.

    PYTHONPATH=. python tests/fuzz/guided.py archives|configs|specs SECONDS

An input that crashes a reader, or takes it longer than a few seconds, is written to the working folder, and the status is not 0.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cloud_nas.models", "cloud_nas.spec"]):
    from cloud_nas.errors import CloudNasError
    from cloud_nas.models import keras_config, unpacking
    from cloud_nas.spec import load

LIMITS = unpacking.Limits(members=1000, bytes=1 << 24, bytes_before_ratio=1 << 22)
SLOW = 10
"""Seconds."""


def archives(content: bytes, folder: Path) -> None:
    """Our tar reader, behind gzip."""
    packed = folder / "input.tar.gz"
    packed.write_bytes(gzip.compress(content, 1))
    unpacking.unpack(packed, folder / "made", limits=LIMITS)


def configs(content: bytes, folder: Path) -> None:
    """The configuration of a Keras model, before Keras sees it."""
    keras_config.foreign_objects(content)


def specs(content: bytes, folder: Path) -> None:
    """A spec's YAML and all that is checked of it."""
    path = folder / "spec.yaml"
    path.write_bytes(content)
    load(path)


READERS: dict[str, Callable[[bytes, Path], None]] = {"archives": archives, "configs": configs, "specs": specs}


def main() -> None:
    """Feeds the reader that is named for so many seconds."""
    name, seconds = sys.argv[1], sys.argv[2]
    read = READERS[name]

    def once(content: bytes) -> None:
        folder = Path(tempfile.mkdtemp(prefix="cloud-nas-fuzz-"))
        try:
            read(content, folder)
        except CloudNasError:
            pass
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    seeds = Path(tempfile.mkdtemp(prefix="cloud-nas-seeds-"))
    for number, seed in enumerate(_seeds(name)):
        (seeds / str(number)).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-timeout={SLOW}", "-rss_limit_mb=4096", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *limits, str(seeds)], once)
    atheris.Fuzz()


def _seeds(name: str) -> list[bytes]:
    from seeds import SPEC, archive, config  # beside this script

    return {"archives": [archive()], "configs": [config()], "specs": [SPEC]}[name]


if __name__ == "__main__":
    main()
