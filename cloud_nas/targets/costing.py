"""What every place reckons in the same way: amounts, and what uploads cost that stay."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cloud_nas.targets.plan import Remains, Upload
from cloud_nas.targets.priced import Price

HOUR = 3600.0
MONTH = 730 * HOUR
_GB = 1e9


def up(amount: float) -> float:
    """To a hundredth of a cent, never down: what is a bound stays one."""
    return math.ceil(amount * 1e4) / 1e4


def counted(count: int, noun: str) -> str:
    """`1 job`, `3 jobs`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def monthly(price: Price | None, bytes: int) -> float | None:
    """What so many bytes cost a month, in US dollars; None where the price of a GB is not known."""
    return None if price is None else round(bytes / _GB * price.usd, 6)


def uploaded(root: str, uploads: Sequence[Upload], own: str, price: Price | None) -> tuple[Remains, ...]:
    """The uploads that stay when a job has ended, by folder.

    Args:
        root: what every name of ours begins with in the bucket, with a slash at its end.
        uploads: what travels.
        own: the attempt's own folder; what is below it counts as it.
        price: of a GB and month; None: not known.
    """
    sizes: dict[str, int] = {}
    for one in uploads:
        folder = own if one.destination.startswith(own) else f"{root}{'/'.join(_below(root, one.destination)[:2])}/"
        sizes[folder] = sizes.get(folder, 0) + one.bytes
    return tuple(Remains("what was uploaded", folder, size, monthly(price, size)) for folder, size in sorted(sizes.items()))


def _below(root: str, uri: str) -> list[str]:
    return uri.removeprefix(root).split("/")
