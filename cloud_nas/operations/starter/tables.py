"""What a table's columns say: which is the target, what is to be learnt from it, which names rows, which is text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import UsageError
from cloud_nas.operations.starter.guess import Guess
from cloud_nas.spec.suggest import did_you_mean, listed, nearest
from local_engine.definition import Task

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 100_000
"""Rows that are looked at; the first ones."""

_MOST_CLASSES = 20
"""Whole numbers with more values than this are a quantity."""

_TEXT_WORDS = 4.0
"""A column of strings with at least so many words on average is text."""

_ID_NAMES = {"id", "uid", "uuid", "key", "index", "row_id", "rowid", "row"}


def guess_table(path: Path, target: str | None) -> Guess:
    """What `path`, a csv or parquet file, is for.

    Raises:
        UsageError: no target was named, there is no such column, or nothing can be learnt from it.
    """
    frame = _sample(path)
    name = _target(path, [str(column) for column in frame.columns], target)
    reasons = []
    task, why = _task(frame[name], name)
    features = [str(column) for column in frame.columns if str(column) != name]
    row_id = next((column for column in features if _is_id(frame[column], column)), None)
    if row_id is not None:
        reasons.append(f"{row_id} names the rows: its {frame[row_id].nunique()} values are all different")
        features.remove(row_id)
    if not features:
        raise UsageError(f"{path.name} has no column to learn {name} from")
    if task == "tabular-classification" and len(features) == 1 and _is_text(frame[features[0]]):
        task = "text-classification"
        why = f"{why}, and {features[0]} is text"
    return Guess(task, name, row_id, (f"{task}: {why}", *reasons), _classes(frame[name], task), _scale(frame[name], task))


def _sample(path: Path) -> pd.DataFrame:
    """The first rows; column names are text."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.suffix.lower() == ".parquet":
            batches = pq.ParquetFile(path).iter_batches(SAMPLE)
            first = next(iter(batches), None)
            frame = pa.Table.from_batches([] if first is None else [first]).to_pandas() if first is not None else pd.DataFrame()
        else:
            frame = pd.read_csv(path, nrows=SAMPLE)
    except (ValueError, UnicodeDecodeError, OSError, pa.ArrowException) as error:
        raise UsageError(
            f"{path.name} cannot be read: {str(error).splitlines()[0]}", hint="a table is csv in UTF-8, or parquet"
        ) from error
    if frame.empty:
        raise UsageError(f"{path.name} has no rows")
    return frame.rename(columns=str)


def _target(path: Path, columns: list[str], target: str | None) -> str:
    """The column to predict, checked."""
    if target is None:
        raise UsageError(f"which column of {path.name} is to be predicted?", hint=f"--target COLUMN, one of {listed(columns)}")
    if target not in columns:
        near = nearest(target, columns)
        hint = f'did you mean --target "{near}"?' if near else did_you_mean(target, columns, what="the columns are")
        raise UsageError(f'{path.name} has no column "{target}"', hint=hint)
    return target


def _task(values: pd.Series, name: str) -> tuple[Task, str]:
    """What is learnt, and why that."""
    from pandas.api import types

    present = values.dropna()
    count = int(present.nunique())
    if count < 2:
        raise UsageError(f"{name} has {'one value only' if count else 'no values'}, so there is nothing to learn")
    if types.is_bool_dtype(values) or not types.is_numeric_dtype(values):
        if count > max(_MOST_CLASSES, len(present) // 2):
            raise UsageError(
                f"{name} has {count} different values in {len(present)} rows, which are neither numbers nor classes",
                hint="choose another column with --target",
            )
        return "tabular-classification", f"{name} has {count} classes"
    if bool((present % 1 == 0).all()) and count <= min(_MOST_CLASSES, max(2, len(present) // 5)):
        return "tabular-classification", f"{name} has {count} different whole numbers"
    return "tabular-regression", f"{name} is a number with {count} different values"


def _is_id(values: pd.Series, name: str) -> bool:
    """Whether the column is different in each row, and is called as ids are or holds single words, which say nothing."""
    if values.isna().any() or values.nunique() < len(values):
        return False
    plain = name.strip().lower().replace(" ", "_")
    return plain in _ID_NAMES or plain.endswith("_id") or _is_word(values)


def _is_word(values: pd.Series) -> bool:
    """Strings without a space, which are neither numbers nor dates."""
    import pandas as pd

    if not pd.api.types.is_string_dtype(values) or values.astype(str).str.contains(r"\s").any():
        return False
    return bool(pd.to_datetime(values, errors="coerce", format="ISO8601").isna().any())


def _is_text(values: pd.Series) -> bool:
    from pandas.api import types

    if types.is_numeric_dtype(values) or types.is_datetime64_any_dtype(values):
        return False
    words = values.dropna().astype(str).head(1000).str.split().str.len()
    return not words.empty and float(words.mean()) >= _TEXT_WORDS


def _classes(values: pd.Series, task: Task) -> int | None:
    return int(values.nunique()) if task != "tabular-regression" else None


def _scale(values: pd.Series, task: Task) -> tuple[float, float] | None:
    """For a number: its spread and its middle, to two digits, for the model's last layer."""
    if task != "tabular-regression":
        return None
    return float(f"{values.std():.2g}") or 1.0, float(f"{values.mean():.2g}")
