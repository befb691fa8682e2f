"""How a place's broken rule is told."""

from __future__ import annotations

from cloud_nas.errors import UsageError


def refused(what: str, hint: str, target: str) -> UsageError:
    """The error for a broken rule of the place.

    Args:
        what: the rule, and what breaks it.
        hint: the way out.
        target: as `--on` has it.
    """
    return UsageError(f"{target} cannot take this: {what}", hint=hint, code="CN510")
