"""How the settings of an older study become those of this version: in memory when it is read, on disk when it is first written.

A study that is only looked at stays as it is, so that a search by an older version goes on while a newer one shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SCHEMA = 2
"""Grows by one whenever an older reader would misread a newer study."""

Settings = Mapping[str, Any]

STEPS: dict[int, Callable[[Settings], Settings]] = {1: lambda settings: {**settings, "prior": []}}
"""What makes settings those of the next schema, by the schema that they have; they hold no schema number."""


def upgraded(settings: Settings, schema: int) -> Settings:
    """Settings of an older schema, or of this one, as this one has them."""
    for number in range(schema, SCHEMA):
        settings = STEPS[number](settings)
    return settings
