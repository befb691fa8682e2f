"""This process's environment while a rehearsal lasts: the cloud is the stand-in, nothing of the user's own account is seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def applied(values: Mapping[str, str], is_the_clouds: Callable[[str], bool]) -> Iterator[None]:
    """Takes every variable of the cloud's away and puts these in, until the block ends.

    Args:
        values: what sends the cloud's clients to the stand-in.
        is_the_clouds: whether a variable, by its name, is one that the cloud's clients read.
    """
    before = dict(os.environ)
    for name in before:
        if is_the_clouds(name):
            del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            if is_the_clouds(name) or name in values:
                del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if is_the_clouds(name) or name in values})
