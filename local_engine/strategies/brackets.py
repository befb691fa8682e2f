"""Hyperband's arithmetic: how many configurations start in each bracket, how many reach each rung, and after how many epochs.

The numbers are Keras Tuner's, which differ from the paper's (Li et al. 2018, Algorithm 1) in how they round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bracket:
    """One bracket: rung k holds `sizes[k]` trials and ends when they have trained `epochs[k]` epochs in all."""

    sizes: tuple[int, ...]
    epochs: tuple[int, ...]

    @property
    def total_epochs(self) -> int:
        """Epochs of all its trials together, a promoted trial going on from where it stopped."""
        steps = [after - before for before, after in zip((0, *self.epochs), self.epochs, strict=False)]
        return sum(size * step for size, step in zip(self.sizes, steps, strict=True))

    def cut(self, starters: int, factor: int) -> Bracket:
        """What is left of the bracket when no more than `starters` begin it: each rung has one in `factor`, and one at least."""
        sizes = [min(starters, self.sizes[0])]
        for size in self.sizes[1:]:
            sizes.append(min(size, sizes[-1], max(1, sizes[-1] // factor)))
        return Bracket(tuple(sizes), self.epochs)


def brackets(max_epochs: int, factor: int) -> tuple[Bracket, ...]:
    """The brackets of one iteration, the one that halves most aggressively first.

    Args:
        max_epochs: the epochs of the last rung of every bracket, at least 1.
        factor: by how much the epochs grow and the trials shrink from rung to rung, at least 2.
    """
    return tuple(_bracket(level, max_epochs, factor) for level in reversed(range(_count(max_epochs, factor))))


def _count(max_epochs: int, factor: int) -> int:
    """How often `max_epochs` can be divided before less than one epoch is left."""
    count, epochs = 0, float(max_epochs)
    while epochs >= 1:
        epochs /= factor
        count += 1
    return count


def _bracket(level: int, max_epochs: int, factor: int) -> Bracket:
    """The bracket with `level` promotions."""
    widest = math.ceil(1 + math.log(max_epochs, factor))
    last = widest / (level + 1)
    steps = range(level, -1, -1)
    return Bracket(
        sizes=tuple(math.ceil(last * factor**step) for step in steps),
        epochs=tuple(math.ceil(max_epochs / factor**step) for step in steps),
    )
