"""Numbers that the environment sets."""

from __future__ import annotations

import math
import os

from cloud_nas.errors import UsageError


def number(variable: str, default: float, *, least: float = 0) -> float:
    """The value of a variable of the environment; the default where it is unset or empty.

    Raises:
        UsageError: it is no number, or less than `least`.
    """
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < least:
        hint = f"export {variable}={default:g}, or unset {variable}, which is the same"
        raise UsageError(f"{variable} is {text!r}, not a number of {least:g} or more", hint=hint)
    return value
