"""Predictions, the currency of every comparison: which rows were scored, by which model, and what came out.

As parquet, with all of `About` in the file's metadata under the key `cloud-nas`; or as csv with the same columns and none of
`About`, for spreadsheets, so that a csv can be looked at but not be compared. Columns: `row_id`; `prediction`; `label`, where it
is known; `p_<class>` for each class, in the order of `About.classes`. Classes are written by name.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cloud_nas.errors import FailedError, NotFoundError, UsageError
from local_engine.definition import Goal, Task
from local_engine.files import replacing

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

SCHEMA = 1
_KEY = b"cloud-nas"
_MOST_CELLS = 2_000_000_000


@dataclass(frozen=True)
class About:
    """What predictions are of.

    `rows_sha256` is over the features of the rows scored, whatever their order; `model_sha256` is of the model's file. `classes`
    is None for regression. `metric` and `goal` are the objective that the model was searched by.
    """

    task: Task
    rows_sha256: str
    model_sha256: str
    metric: str
    goal: Goal
    classes: tuple[str, ...] | None = None
    part: str | None = None
    schema: int = SCHEMA


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for n rows.

    `row_id`, `prediction` and `label` are of shape (n,), names of classes or float64 values; `probabilities` is float64 of shape
    (n, classes), None for regression; `label` is None where the rows came without an answer.
    """

    about: About
    row_id: np.ndarray
    prediction: np.ndarray
    probabilities: np.ndarray | None = None
    label: np.ndarray | None = None

    @property
    def n(self) -> int:
        """How many rows were scored."""
        return len(self.row_id)

    @property
    def otherwise(self) -> int:
        """How many rows were predicted to be of another class than their most probable one."""
        import numpy as np

        if self.probabilities is None or not self.n:
            return 0
        names = np.asarray(self.about.classes, dtype=str)
        order = np.argsort(names)
        said = order[np.searchsorted(names, self.prediction.astype(str), sorter=order)]
        return int((self.probabilities[np.arange(self.n), said] < self.probabilities.max(axis=1)).sum())

    def columns(self) -> dict[str, np.ndarray]:
        """The columns of the file, by name, in order."""
        columns = {"row_id": self.row_id, "prediction": self.prediction}
        if self.label is not None:
            columns["label"] = self.label
        if self.probabilities is not None:
            for index, name in enumerate(self.about.classes or ()):
                columns[f"p_{name}"] = self.probabilities[:, index]
        return columns


def write(predictions: Predictions, path: Path) -> Path:
    """Writes `path`, whole or not at all: csv where it is called so, else parquet.

    Raises:
        UsageError: the file's name ends in neither `.parquet` nor `.csv`, or its folder cannot be written to.
    """
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    if path.suffix not in (".parquet", ".csv"):
        raise UsageError(f"predictions are written as .parquet or .csv, not {path.name}", hint=f"try {path.stem}.parquet")
    table = pa.table({name: pa.array(_plain(values)) for name, values in predictions.columns().items()})
    about = json.dumps(dataclasses.asdict(predictions.about), sort_keys=True)
    try:
        with replacing(path) as file:
            if path.suffix == ".csv":
                pa_csv.write_csv(table, file)
            else:
                pa_parquet.write_table(table.replace_schema_metadata({_KEY: about.encode()}), file)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def read(path: Path) -> Predictions:
    """Reads what `write` wrote as parquet, and believes nothing of it that it has not looked at.

    Raises:
        NotFoundError: there is no such file.
        FailedError: it is not a file of predictions, of a newer version, or not what it says it is.
    """
    import pyarrow as pa
    import pyarrow.parquet as pa_parquet

    if not path.is_file():
        raise NotFoundError(f"no file {path}")
    try:
        with pa_parquet.ParquetFile(path) as file:
            shape = file.metadata.num_rows * max(1, file.metadata.num_columns)
            if shape > _MOST_CELLS:
                raise _wrong(path, "it claims more rows than predictions have")
            about = _about(path, (file.schema_arrow.metadata or {}).get(_KEY))
            table = file.read()
            _ = table.column_names  # Arrow looks only now whether they are texts
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise _wrong(path, str(error).splitlines()[0] if str(error) else "it cannot be read") from error
    return checked(path, about, table)


def _about(path: Path, text: bytes | None) -> About:
    """What the metadata say, each entry of the kind it has to be."""
    if text is None:
        raise _wrong(
            path, "it does not say which rows were scored", hint="write it with cloud-nas predict MODEL DATA --out FILE.parquet"
        )
    try:
        values: dict[str, Any] = json.loads(text)
        schema = values["schema"]
        if isinstance(schema, int) and schema > SCHEMA:
            raise _wrong(path, f"it has schema {schema} and this version reads up to {SCHEMA}", hint="use a newer cloud-nas")
        about = About(**(values | {"classes": None if values["classes"] is None else tuple(values["classes"])}))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _wrong(path, "its metadata are not those of predictions") from error
    texts = [about.task, about.rows_sha256, about.model_sha256, about.metric, about.goal, *(about.classes or ())]
    if not all(isinstance(text, str) for text in texts) or not isinstance(about.part, str | None) or about.schema != SCHEMA:
        raise _wrong(path, "its metadata are not those of predictions")
    return about


def checked(path: Path, about: About, table: pa.Table) -> Predictions:
    """The table as predictions; every column there, of its kind, whole."""
    import numpy as np
    import pyarrow as pa

    wanted = {"row_id", "prediction", *(f"p_{name}" for name in about.classes or ())}
    missing = sorted(wanted - set(table.column_names))
    extra = sorted(set(table.column_names) - wanted - {"label"})
    if missing or extra or len(set(table.column_names)) != len(table.column_names):
        raise _wrong(path, f"its columns are {', '.join(table.column_names[:20])}")
    if any(table.column(name).null_count for name in table.column_names):
        raise _wrong(path, "values are missing")
    try:
        columns = {name: _values(table.column(name), repeated=name != "row_id") for name in table.column_names}
    except (pa.ArrowException, ValueError) as error:  # a text that is none
        raise _wrong(path, str(error)) from error
    if len(np.unique(columns["row_id"].astype(str))) != table.num_rows:
        raise _wrong(path, "two rows have the same row_id")
    for name in ("prediction", "label"):
        if name in columns and not _fits(columns[name], about.classes):
            raise _wrong(path, f"its column {name} holds what is no {'number' if about.classes is None else 'class'}")
    if about.classes is None:
        return Predictions(about, columns["row_id"], columns["prediction"], None, columns.get("label"))
    chances = [columns[f"p_{name}"] for name in about.classes]
    if not all(
        _fits(column, None) and column.min(initial=0.0) >= 0 and column.max(initial=0.0) <= 1 + 1e-6 for column in chances
    ):
        raise _wrong(path, "a probability is not between 0 and 1")
    return Predictions(about, columns["row_id"], columns["prediction"], np.stack(chances, axis=1), columns.get("label"))


def _values(column: pa.ChunkedArray, *, repeated: bool) -> np.ndarray:
    """A column's values; texts that repeat are one object each, since a million of them would take more than all else."""
    import numpy as np
    import pyarrow as pa

    if repeated and (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        encoded = column.combine_chunks().dictionary_encode()
        return cast("np.ndarray", np.asarray(encoded.dictionary.to_pylist(), dtype=object)[encoded.indices.to_numpy()])
    return cast("np.ndarray", column.to_numpy(zero_copy_only=False))


def _fits(column: np.ndarray, classes: tuple[str, ...] | None) -> bool:
    """Whether a column holds finite numbers, or names of classes."""
    import numpy as np

    if classes is None:
        return column.dtype.kind == "f" and bool(np.isfinite(column).all())
    return column.dtype.kind in "OU" and set(np.unique(column.astype(str))) <= set(classes)


def _plain(values: np.ndarray) -> np.ndarray:
    """As Arrow takes it: text as objects."""
    return values.astype(object) if values.dtype.kind in "US" else values


def _wrong(path: Path, problem: str, *, hint: str | None = None) -> FailedError:
    return FailedError(f"{path} holds no predictions that can be used: {problem}", hint=hint, where=str(path))
