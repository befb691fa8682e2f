"""How large things on the disk are, counted and in words."""

from __future__ import annotations

import os
from pathlib import Path

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size_of(path: Path) -> int:
    """The bytes of all files in a folder, or of one file; links are not followed, and what goes away meanwhile counts nothing."""
    if not path.is_dir() or path.is_symlink():
        return _bytes(path)
    return sum(_bytes(Path(folder, name)) for folder, _, names in os.walk(path) for name in names)


def in_words(size: int) -> str:
    """`12 B`, `3.4 MB`: three digits at most, units of a thousand."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit and value < 99.95 else f"{value:.0f} {_UNITS[unit]}"


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
