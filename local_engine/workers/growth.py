"""When a worker has grown so much that a fresh one is better: models leak, TensorFlow keeps what it traced."""

from __future__ import annotations

SHARE = 0.08
"""How much a worker may grow over what it held after its first turns, as a share of that."""

SETTLED = 3
"""After how many turns a worker holds all that it keeps anyway: TensorFlow's own, its threads, the rows in one form."""


class Growth:
    """The memory of one worker, turn by turn."""

    def __init__(self) -> None:
        self._turns = 0
        self._settled = 0

    def is_too_much(self, memory: int) -> bool:
        """Takes what the worker holds after a turn, in bytes (0: not known); whether it should go.

        A model that is larger than those before stays no longer than its turn, so that only what is kept counts.
        """
        self._turns += 1
        if self._turns <= SETTLED:
            self._settled = max(self._settled, memory)
            return False
        return bool(self._settled) and memory > self._settled * (1 + SHARE)
