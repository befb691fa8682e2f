"""The arguments that a tuner appends to a command, as text by name."""

from __future__ import annotations

from collections.abc import Sequence


def parse(arguments: Sequence[str]) -> dict[str, str]:
    """Reads `--name=value` and `--name value`; of two of one name the later counts, and whatever else is there does not.

    A value that begins with two dashes can come in the first form alone; a negative number in either.
    """
    found: dict[str, str] = {}
    waiting: str | None = None
    for argument in arguments:
        if argument.startswith("--") and len(argument) > 2:
            name, equals, value = argument[2:].partition("=")
            waiting = None if equals else name
            if equals:
                found[name] = value
        elif waiting is not None:
            found[waiting], waiting = argument, None
    return found
