"""Predictions that were made elsewhere: a plain csv or parquet, which does not say which rows it is of.

Columns: `row_id`; `prediction`; for a classification `p_<class>` for each class. Which rows these are is known by their ids
alone, so they are only taken beside the rows themselves, and only where the ids are all there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import FailedError, RefusedError
from cloud_nas.models.predictions import About, Predictions, checked

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_MOST_BYTES = 8 * 2**30
_IDS, _PREDICTION, _LABEL = "row_id", "prediction", "label"


def is_outside(path: Path) -> bool:
    """Whether a file of predictions says nothing of its rows."""
    import pyarrow as pa
    import pyarrow.parquet as pa_parquet

    if path.suffix == ".csv":
        return True
    try:
        with pa_parquet.ParquetFile(path) as file:
            return b"cloud-nas" not in (file.schema_arrow.metadata or {})
    except (pa.ArrowException, OSError, ValueError):
        return False  # whoever reads it says what is wrong with it


def read(path: Path, about: About, ids: np.ndarray, labels: np.ndarray | None) -> Predictions:
    """The predictions in `path`, for rows that are known.

    Args:
        path: csv or parquet.
        about: of what the rows are; `model_sha256` is not of this model.
        ids: of the rows.
        labels: of the rows, by name, in the order of `ids`.

    Raises:
        FailedError: it is not such a file.
        RefusedError: its ids are not those of the rows.
    """
    import numpy as np

    table = _table(path, about)
    twice = next((name for name in table.column_names if table.column_names.count(name) > 1), None)
    if twice is not None:
        raise FailedError(f"{path} holds no predictions that can be used: two columns are called {twice}", where=str(path))
    wanted = {_IDS, _PREDICTION, *(f"p_{name}" for name in about.classes or ())}
    _require(path, table, about)
    if about.classes is not None and not any(name.startswith("p_") for name in table.column_names):
        table = _certain(table, about.classes)
    kept = [name for name in table.column_names if name in wanted | {_LABEL}]
    found = checked(path, about, table.select(kept))
    _check_sums(path, found)
    place = {str(one): number for number, one in enumerate(ids.tolist())}
    rows = [place.get(str(one), -1) for one in found.row_id.tolist()]
    if len(rows) != len(ids) or -1 in rows:
        strange = next((one for one, row in zip(found.row_id.tolist(), rows, strict=True) if row < 0), None)
        told = f"it has {len(rows)} rows of {len(ids)}" if strange is None else f"there is no row {strange!r}"
        raise RefusedError(f"{path} is not of these rows: {told}", hint="its row_id is the id column, or the row's number from 0")
    order = np.asarray(rows)
    ours = None if labels is None else labels[order]
    if found.label is not None and ours is not None and not bool(np.array_equal(found.label, ours)):
        raise RefusedError(f"{path} has other labels than the rows", hint="it was made from other rows")
    return Predictions(found.about, ids[order], found.prediction, found.probabilities, ours)


def _table(path: Path, about: About) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise FailedError(f"{path} is larger than predictions are", where=str(path))
        if path.suffix != ".csv":
            return _cast(_named(pa_parquet.read_table(path)), _types(about))
        types = {_IDS: pa.string(), **_types(about)}
        return _named(pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False)))
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        first = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise FailedError(f"{path} holds no predictions that can be used: {first}", where=str(path)) from error


def _types(about: About) -> dict[str, Any]:
    """What the columns have to be, ids apart."""
    import pyarrow as pa

    said = pa.float64() if about.classes is None else pa.string()
    return {_PREDICTION: said, _LABEL: said, **{f"p_{name}": pa.float64() for name in about.classes or ()}}


def _cast(table: pa.Table, types: dict[str, Any]) -> pa.Table:
    """Whole numbers and short floats as numbers, whole numbers and categories as names: as a csv of them would be read."""
    for place, name in enumerate(table.column_names):
        if name in types and table.column_names.count(name) == 1:
            table = table.set_column(place, name, table.column(name).cast(types[name]))
    return table


def _require(path: Path, table: pa.Table, about: About) -> None:
    """Names a column that is not there, and a class that nobody knows."""
    classes, names = about.classes or (), table.column_names
    chances = [f"p_{name}" for name in classes] if any(name.startswith("p_") for name in names) else []
    missing = next((name for name in (_IDS, _PREDICTION, *chances) if name not in names), None)
    if missing is not None:
        more = ", p_<class> for each class or none of them" if classes else ""
        raise FailedError(
            f"{path} holds no predictions that can be used: it has no column {missing}, its columns are {', '.join(names[:20])}",
            hint=f"columns, separated by commas: row_id, prediction{more}",
            where=str(path),
        )
    strange = next((one for one in _said(path, table) if one not in classes), None) if classes else None
    if strange is not None:
        hint = f"classes by name: {', '.join(classes[:20])}"
        raise FailedError(f"{path} holds no predictions that can be used: {strange!r} is no class", hint=hint, where=str(path))


def _said(path: Path, table: pa.Table) -> list[str]:
    """What is predicted, each once; what is missing is none of it."""
    try:
        return [one for one in table.column(_PREDICTION).unique().to_pylist() if one is not None]
    except ValueError as error:  # a text that is none
        raise FailedError(f"{path} holds no predictions that can be used: {error}", where=str(path)) from error


def _check_sums(path: Path, found: Predictions) -> None:
    """Chances of a row sum to 1, two digits behind the point being enough."""
    import numpy as np

    if found.probabilities is None:
        return
    off = np.abs(found.probabilities.sum(axis=1) - 1)
    worst = int(off.argmax()) if len(off) else 0
    if len(off) and off[worst] > max(0.01, 0.005 * found.probabilities.shape[1]) + 1e-9:
        raise FailedError(
            f"{path} holds no predictions that can be used: the probabilities of row {found.row_id[worst]} sum to "
            f"{found.probabilities[worst].sum():.4g}",
            hint="p_<class> are probabilities, one for each class",
            where=str(path),
        )


def _named(table: pa.Table) -> pa.Table:
    """The table, whose columns' names are texts: Arrow looks at them only now."""
    _ = table.column_names
    return table


def _certain(table: pa.Table, classes: tuple[str, ...]) -> pa.Table:
    """With all of the chance on what is predicted, where no chances are given."""
    import numpy as np
    import pyarrow as pa

    predicted = np.asarray(table.column(_PREDICTION).to_pylist(), dtype=object)
    for name in classes:
        table = table.append_column(f"p_{name}", pa.array((predicted == name).astype(np.float64)))
    return table
