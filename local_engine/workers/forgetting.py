"""What TensorFlow would remember of a trial that is over: for a process that keeps no model, as a worker between turns."""

from __future__ import annotations

from typing import Any


def forget_graphs() -> None:
    """Lets go of every graph that was traced here.

    Each use of `tf.custom_gradient` in a graph registers a gradient function under a new name (`CustomGradient-...`) in a table
    of the module, and that holds the whole graph: about 8 MB a trial of a small dense network, measured over 30 trials of
    TensorFlow 2.21. Without these names the graphs of the trial are collected. Where TensorFlow has changed, nothing is done:
    the worker then grows, and is replaced (`growth.py`).
    """
    from tensorflow.python.framework import ops

    registry: Any = getattr(ops, "gradient_registry", None)
    names = getattr(registry, "_registry", None)
    if isinstance(names, dict):
        for name in [name for name in names if str(name).startswith("CustomGradient-")]:
            del names[name]
