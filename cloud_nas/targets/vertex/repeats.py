"""Calls made again where Google is too busy or does not answer; only those that change nothing the second time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from cloud_nas.errors import UnreachableError
from cloud_nas.targets.environment import number

_VARIABLE = "CLOUD_NAS_GCP_TRIES"
_TRIES = 10
_FIRST, _LONGEST = 0.25, 15.0

Done = TypeVar("Done")


def repeated(do: Callable[[], Done], *, sleep: Callable[[float], None] = time.sleep) -> Done:
    """Does it until it is answered, ten times at most (`CLOUD_NAS_GCP_TRIES`), with growing pauses.

    Raises:
        UnreachableError: it was not answered in the end.
    """
    tries = int(number(_VARIABLE, _TRIES, least=1))
    for tried in range(tries):
        try:
            return do()
        except UnreachableError:
            if tried == tries - 1:
                raise
            longest = min(_LONGEST, _FIRST * 2**tried)
            sleep(longest * random.uniform(0.5, 1.0))
    raise AssertionError("there is one try at least")
