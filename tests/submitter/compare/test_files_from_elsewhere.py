"""Files of predictions that other tools wrote: what is taken, and what is said of what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cloud_nas.errors import FailedError
from cloud_nas.models.outside import read
from cloud_nas.models.predictions import About, Predictions

IDS = np.arange(4)
KINDS = About("tabular-classification", "ab" * 32, "", "accuracy", "maximize", ("0", "1"))
NUMBERS = About("tabular-regression", "ab" * 32, "", "rmse", "minimize")
GOOD = {"row_id": [0, 1, 2, 3], "prediction": ["0", "1", "1", "0"], "p_0": [0.9, 0.2, 0.1, 0.7], "p_1": [0.1, 0.8, 0.9, 0.3]}


def taken(folder: Path, about: About, table: dict[str, Any], name: str = "x.csv", **options: Any) -> Predictions:
    frame = pd.DataFrame(table)
    path = folder / name
    frame.to_csv(path, index=False, **options) if path.suffix == ".csv" else frame.to_parquet(path, index=False)
    return read(path, about, IDS, None)


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
@pytest.mark.parametrize("prediction", [GOOD["prediction"], [0, 1, 1, 0], pd.Categorical(["0", "1", "1", "0"])])
def test_classes_by_name_or_by_number(tmp_path: Path, name: str, prediction: Any) -> None:
    found = taken(tmp_path, KINDS, GOOD | {"prediction": prediction}, name)
    assert found.prediction.tolist() == ["0", "1", "1", "0"]


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
@pytest.mark.parametrize("prediction", [[1, 2, 3, 4], np.asarray([1, 2, 3, 4], np.float32)])
def test_numbers_of_any_kind(tmp_path: Path, name: str, prediction: Any) -> None:
    found = taken(tmp_path, NUMBERS, {"row_id": IDS, "prediction": prediction}, name)
    assert found.prediction.dtype == np.float64 and found.prediction.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"row_id": None}, "no column row_id"),
        ({"prediction": None}, "no column prediction"),
        ({"p_1": None}, "no column p_1"),
        ({"prediction": ["0", "1", "yes", "0"]}, "'yes' is no class"),
        ({"p_1": [0.1, 0.8, 0.5, 0.3]}, "row 2 sum to 0.6"),
        ({"p_1": [0.1, 0.8, 1.9, 0.3]}, "not between 0 and 1"),
        ({"p_1": [0.1, 0.8, None, 0.3]}, "values are missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    table = {key: value for key, value in (GOOD | changed).items() if value is not None}
    for name in ("x.csv", "x.parquet"):
        with pytest.raises(FailedError, match=told):
            taken(tmp_path, KINDS, table, name)


def test_another_separator_is_seen_in_the_columns(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="row_id;prediction") as caught:
        taken(tmp_path, KINDS, GOOD, sep=";")
    assert "commas" in str(caught.value.hint)


def test_chances_with_two_digits_are_chances(tmp_path: Path) -> None:
    about = About("tabular-classification", "ab" * 32, "", "accuracy", "maximize", tuple("abc"))
    chances = {f"p_{name}": [0.33] * 4 for name in "abc"}
    assert taken(tmp_path, about, {"row_id": IDS, "prediction": list("abca")} | chances).n == 4


def test_predictions_that_are_not_the_most_probable_class_are_counted(tmp_path: Path) -> None:
    assert taken(tmp_path, KINDS, GOOD).otherwise == 0
    assert taken(tmp_path, KINDS, GOOD | {"prediction": ["1", "1", "1", "0"]}).otherwise == 1
