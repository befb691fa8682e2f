"""What a table's columns hold, found by looking, and their values in one form.

Numbers written as text (thousands separators, units) are not guessed: such a column is one of categories.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from local_engine.data.inputs import Array, ColumnKind

SAMPLE = 10_000
"""Strings looked at before a column's kind is decided; the same for a file in memory and a streamed one."""

MISSING = ""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?")
_DAY = 86_400 * 10**9


class ColumnProbe:
    """Finds out what a column holds while its pieces go by."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._dtypes: set[str] = set()
        self._sample: list[str] = []
        self._dates = True
        self.nested = False

    def add(self, series: Any) -> None:
        """Looks at a piece, a pandas Series."""
        kind = dtype_kind(series)
        if kind == "nested":
            self.nested = True
            return
        if kind != "empty":
            self._dtypes.add(kind)
        if kind == "string":
            room = SAMPLE - len(self._sample)
            values = series.dropna()
            if room > 0:
                self._sample += [str(value) for value in values.iloc[:room]]
            self._dates = self._dates and are_dates(values)

    def kind(self) -> ColumnKind:
        """What the column holds; nothing at all counts as numbers, all missing."""
        if not self._dtypes:
            return "number"
        if len(self._dtypes) > 1:
            return "number" if self._dtypes == {"number", "boolean"} else "category"
        (only,) = self._dtypes
        if only != "string":
            return {"number": "number", "boolean": "boolean", "date": "date"}.get(only, "category")  # type: ignore[return-value]
        if self._sample and self._dates:
            return "date"
        return "text" if self._is_text() else "category"

    def _is_text(self) -> bool:
        """Nearly all different, and longer than a name: sentences rather than labels."""
        count = len(self._sample)
        if count < 2:
            return False
        return len(set(self._sample)) > 0.9 * count and sum(map(len, self._sample)) / count > 20


def dtype_kind(series: Any) -> str:
    """`number`, `boolean`, `date`, `category`, `string`, `empty` (nothing but missing values) or `nested`."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_complex_dtype(dtype):
        return "nested"
    if pd.api.types.is_numeric_dtype(dtype):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "date"
    if pd.api.types.is_timedelta64_dtype(dtype):
        return "nested"
    return _object_kind(series)


def to_floats(series: Any, kind: ColumnKind) -> Array:
    """Numbers, booleans (0 and 1) and dates (days since 1970-01-01, UTC) as float64; missing and infinite ones are NaN.

    Raises:
        ValueError: a value is not of this kind; the message shows it.
    """
    import pandas as pd

    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "fiub" and kind != "date":  # most columns: no need to look
        return _finite(series.to_numpy(dtype=np.float64, copy=True))
    found = dtype_kind(series)
    if found == "empty":
        return np.full(len(series), np.nan)
    if kind == "date":
        return _days(series, found)
    if found not in ("number", "boolean") or isinstance(series.dtype, pd.CategoricalDtype):
        raise ValueError(f"{series.dropna().iloc[0]!r} is not a {kind}")
    plain = series.astype("Float64") if series.dtype == object else series
    values: Array = plain.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    return _finite(values)


def to_strings(series: Any) -> Array:
    """Categories and texts as str objects; a missing one is the empty string."""
    from local_engine.data.target import number_name

    def text(value: Any) -> str:
        if isinstance(value, bool | np.bool_):
            return str(bool(value))
        return number_name(float(value)) if isinstance(value, int | float | np.number) else str(value)

    missing = series.isna().to_numpy()
    out = np.empty(len(series), object)
    out[:] = [
        value if isinstance(value, str) else text(value) for value in series.astype(object).where(~missing, MISSING).tolist()
    ]
    return out


def are_dates(values: Any) -> bool:
    """Whether all strings of a Series are ISO dates that exist."""
    if not all(_DATE.fullmatch(value) for value in values):
        return False
    try:
        _parse(values)
    except (ValueError, OverflowError):
        return False
    return True


def _finite(values: Array) -> Array:
    values[~np.isfinite(values)] = np.nan
    return values


def _object_kind(series: Any) -> str:
    """What a column of Python objects holds: strings, booleans with missing ones, or something that is no value."""
    values = series.dropna()
    if not len(values):
        return "empty"
    kinds = {type(value) for value in values}
    if kinds == {str}:
        return "string"
    if kinds <= {bool, np.bool_}:
        return "boolean"
    if kinds <= {bool, int, float, np.bool_} or all(issubclass(kind, np.number) for kind in kinds):
        return "number"
    if kinds <= {str, bool, int, float}:
        return "category"
    return "nested"


def _days(series: Any, found: str) -> Array:
    if found == "string":
        strings = series.dropna()
        bad = next((value for value in strings if not _DATE.fullmatch(value)), None)
        if bad is not None:
            raise ValueError(f"{bad!r} is not a date such as 2026-01-31")
        stamps = _parse(series)
    elif found == "date":
        stamps = series.dt.tz_localize("UTC") if series.dt.tz is None else series.dt.tz_convert("UTC")
    else:
        raise ValueError(f"{series.dropna().iloc[0]!r} is not a date such as 2026-01-31")
    nanoseconds = stamps.dt.as_unit("ns")
    missing = nanoseconds.isna().to_numpy()
    days: Array = nanoseconds.dt.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64) / _DAY
    days[missing] = np.nan
    return days


def _parse(values: Any) -> Any:
    import pandas as pd

    return pd.to_datetime(values, format="ISO8601", utc=True)
