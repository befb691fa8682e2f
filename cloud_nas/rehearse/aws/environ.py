"""This process's environment while a rehearsal lasts: AWS is the stand-in, and nothing of the user's own AWS is seen."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_KEPT = ("AWS_MAX_ATTEMPTS",)


@contextmanager
def applied(values: Mapping[str, str]) -> Iterator[None]:
    """Takes every AWS variable away and puts these in, until the block ends."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_") and name not in _KEPT:
            del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            if name.startswith("AWS_") or name in values:
                del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if name.startswith("AWS_") or name in values})
