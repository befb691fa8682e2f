"""`prices`: what is known of the places' prices, and where from; and reading them anew."""

from __future__ import annotations

from cloud_nas.errors import UsageError
from cloud_nas.targets import find, names
from cloud_nas.targets.priced import Price, Priced


def prices(region: str | None = None, *, on: str | None = None) -> list[Price]:
    """Every price that is known, of one region or of all.

    Args:
        region: as its place names it.
        on: a target, whose place alone is asked; None: every place that has prices.

    Raises:
        UsageError: the user's table cannot be read; the target is unknown, or has no prices.
    """
    found = {(one.provider, one.region, one.what): one for priced in _priced(on) for one in priced.prices(region)}
    return [found[key] for key in sorted(found)]


def refresh(on: str, region: str | None = None) -> list[Price]:
    """Reads a region's prices from the place's public list, keeps them, and gives them.

    Args:
        on: the target.
        region: of the place; None: of its own configuration on this machine.

    Raises:
        UsageError: the target has no prices, or no region is known.
        UnreachableError: the list cannot be reached.
        FailedError: the list is not what it was.
    """
    (priced,) = _priced(on)
    chosen = priced.refresh_prices(region)
    return [one for one in prices(chosen, on=on) if one.region == chosen]


def _priced(on: str | None) -> list[Priced]:
    """The target; or one of each place, by the first word of its targets' names."""
    if on is not None:
        target = find(on)
        if not isinstance(target, Priced):
            raise UsageError(f"{on} has no prices that could be read", hint="--on sagemaker:tuning, or vertex:tuning")
        return [target]
    firsts = {name.partition(":")[0]: name for name in reversed(names())}
    return [target for target in map(find, firsts.values()) if isinstance(target, Priced)]
