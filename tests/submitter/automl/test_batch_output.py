"""What batch prediction writes is read by its header, in any order of rows, and every row that was sent is accounted for."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.errors import FailedError
from cloud_nas.targets.vertex.batch_output import Written, read_images, read_table

URIS = ["gs://b/0.png", "gs://b/1.png", "gs://b/2.png"]


def table(folder: Path, name: str, lines: Sequence[Mapping[str, Any]]) -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return path


def scored(number: Any, yes: Any) -> dict[str, Any]:
    return {"age": "7", "row": number, "grade_no_score": 1 - float(yes), "grade_yes_score": yes}


@given(st.permutations(range(6)), st.integers(0, 6))
def test_answers_in_any_order_and_number_of_files_come_back_in_the_order_of_the_rows(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("answers")
    lines = [scored(number, number / 10) for number in order]
    files = [table(folder, f"{at}.csv", part) for at, part in enumerate((lines[:cut], lines[cut:])) if part]
    found = read_table(Written(tuple(files), ()), "row", 6, "grade")
    assert found.chances is not None
    assert [round(one["yes"], 6) for one in found.chances] == [number / 10 for number in range(6)]
    assert found.predictions == ("no",) * 6


def test_a_class_may_be_called_anything(tmp_path: Path) -> None:
    lines = [{"row": 0, "grade_a_score_score": 0.9, "grade__score": 0.1}]
    found = read_table(Written((table(tmp_path, "a.csv", lines),), ()), "row", 1, "grade")
    assert found.chances == ({"a_score": 0.9, "": 0.1},)


def test_a_regression_answers_numbers(tmp_path: Path) -> None:
    lines = [{"row": "1.0", "predicted_y": "2.5"}, {"row": "0", "predicted_y": "-1e3"}]
    found = read_table(Written((table(tmp_path, "a.csv", lines),), ()), "row", 2, "y")
    assert (found.predictions, found.chances) == (("-1e3", "2.5"), None)


@pytest.mark.parametrize(
    ("lines", "errors", "words"),
    [
        ([scored(0, 0.1)], [], "2 rows were sent and 1 answers came back; none for 1"),
        ([scored(0, 0.1), scored(0, 0.2), scored(1, 0.2)], [], "row 0 twice"),
        ([scored(0, 0.1), scored(1, 0.2), scored(7, 0.2)], [], "not sent: 7"),
        ([scored(0, 0.1)], [{"row": 1, "errors": "age is missing"}], "1 of 2 rows; the first is row 1: age is missing"),
        ([scored(0, 0.1), scored("x", 0.1)], [], "'x'"),
        ([scored(0, 0.1), {**scored(1, 0.1), "grade_yes_score": "nan"}], [], "'nan'"),
        ([{"row": 0, "other": 1}, {"row": 1, "other": 1}], [], "predicted_grade"),
    ],
)
def test_what_does_not_account_for_every_row_is_no_answer(
    tmp_path: Path, lines: list[dict[str, Any]], errors: list[dict[str, Any]], words: str
) -> None:
    failed = (table(tmp_path, "errors.csv", errors),) if errors else ()
    with pytest.raises(FailedError) as refused:
        read_table(Written((table(tmp_path, "a.csv", lines),), failed), "row", 2, "grade")
    assert words in refused.value.message


def image(uri: str, names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {
        "instance": {"content": uri, "mimeType": "image/png"},
        "prediction": {"ids": ["1", "2"], "displayNames": names, "confidences": values},
    }


def _jsonl(folder: Path, lines: Sequence[Any]) -> Written:
    path = folder / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines) + "\n")
    return Written((path,), ())


def test_images_are_told_apart_by_where_they_are(tmp_path: Path) -> None:
    lines = [image(uri, ["c_1", "c_0"], [0.75, 0.25]) for uri in reversed(URIS)]
    lines[0]["prediction"]["confidences"] = [0.125, 0.875]
    found = read_images(_jsonl(tmp_path, lines), URIS)
    assert found.predictions == ("c_1", "c_1", "c_0")
    assert found.chances is not None and found.chances[2] == {"c_1": 0.125, "c_0": 0.875}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([image(uri, ["a"], [1]) for uri in URIS[:2]], "none for gs://b/2.png"),
        ([image(uri, ["a"], [1]) for uri in (*URIS, URIS[0])], "twice"),
        ([image(uri, ["a"], [1]) for uri in (*URIS, "gs://b/9.png")], "not sent"),
        ([{"instance": {"content": URIS[1]}, "error": {"message": "no image"}}], "1 of 3 rows; the first is gs://b/1.png"),
        ([image(URIS[0], ["a", "b"], [1])], "one confidence for each"),
        (["text"], "1 of 3 rows"),
    ],
)
def test_what_does_not_account_for_every_image_is_no_answer(tmp_path: Path, lines: list[Any], words: str) -> None:
    with pytest.raises(FailedError) as refused:
        read_images(_jsonl(tmp_path, lines), URIS)
    assert words in refused.value.message


def test_a_line_that_is_no_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{\n")
    with pytest.raises(FailedError, match="no JSON"):
        read_images(Written((path,), ()), URIS)
