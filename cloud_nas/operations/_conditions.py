"""Under which conditions a model was trained, and how those of this machine differ: packages, processor, threads, GPUs."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import Any


def take_up(hardware: Mapping[str, Any]) -> None:
    """Makes TensorFlow use as many threads as were recorded, and no GPU where none was; nothing, where it is at work already."""
    import tensorflow as tf

    threads = hardware.get("threads")
    try:
        if threads:
            tf.config.threading.set_intra_op_parallelism_threads(int(threads))
        if hardware.get("gpus") == []:
            tf.config.set_visible_devices([], "GPU")
    except RuntimeError:
        return  # its first operation has run in this process; `differences` tells what that means


def threads_here() -> int:
    """How many threads TensorFlow uses for one operation in this process."""
    from local_engine.training import manifest

    return int(manifest.hardware()["threads"])


def differences(recorded: Mapping[str, Any]) -> tuple[str, ...]:
    """What is not as it was, a sentence each; what an older version did not record counts as the same.

    Args:
        recorded: the manifest of what was trained.
    """
    from local_engine.training import manifest

    return (
        *_packages(recorded.get("packages", {}), manifest.packages()),
        *_changed("Python", recorded.get("python"), platform.python_version()),
        *_hardware(recorded.get("hardware", {}), manifest.hardware()),
    )


def _packages(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*then, *now} - {"cloud-nas"}):
        if name in then:
            yield from _changed(name, then[name], now.get(name, "not installed"))


def _hardware(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    yield from _changed("the processor", then.get("cpu"), now["cpu"])
    yield from _changed("threads for one operation", then.get("threads"), now["threads"])
    yield from _changed("oneDNN", then.get("onednn"), now["onednn"])
    if "gpus" in then:
        yield from _changed("GPUs", ", ".join(then["gpus"]) or "none", _visible(now["gpus"]))


def _visible(named: list[str]) -> str:
    """The GPUs that TensorFlow uses: those that were hidden from it do not count."""
    import tensorflow as tf

    return ", ".join(named[: len(tf.config.get_visible_devices("GPU"))]) or "none"


def _changed(what: str, then: Any, now: Any) -> Iterator[str]:
    if then is not None and then != now:
        yield f"{what}: {then} then, {now} now"
