"""Whether TensorFlow sees the GPUs that the machine has: they cost by the hour, whether anything runs on them or not."""

from __future__ import annotations

import subprocess
import sys

from local_engine.errors import EngineError
from local_engine.workers import gpus

_COUNTS = "import tensorflow as tf; print('GPUs:', len(tf.config.list_physical_devices('GPU')))"
_LONGEST = 300.0


def check() -> None:
    """Asks another process, since one that has looked for GPUs holds them.

    Raises:
        EngineError: there are GPUs, and TensorFlow cannot use them.
    """
    there = gpus.visible()
    if not there:
        return
    done = subprocess.run(
        [sys.executable, "-c", _COUNTS], capture_output=True, text=True, errors="replace", timeout=_LONGEST, check=False
    )
    if done.returncode or "GPUs: 0" in done.stdout:
        sys.stderr.write(done.stderr)
        raise EngineError(
            f"TensorFlow in this image cannot use the machine's GPU ({there[0].name}); the log says what it lacks",
            hint="name another image, such as that of templates/container, or a machine without a GPU",
        )
