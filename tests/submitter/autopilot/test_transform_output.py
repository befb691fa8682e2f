"""What a service answers to rows is read with care, and asked for in a way that each of its containers understands."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud_nas.errors import FailedError
from cloud_nas.targets.sagemaker.transform import chained
from cloud_nas.targets.sagemaker.transform_output import read

ASKED = ("predicted_label", "probabilities", "labels")


def _file(folder: Path, text: str) -> list[Path]:
    path = folder / "answers.out"
    path.write_text(text, encoding="utf-8")
    return [path]


def test_a_class_and_its_probabilities_are_read_from_each_line(tmp_path: Path) -> None:
    text = "yes,\"[0.25, 0.75]\",\"['no', 'yes']\"\n" + 'no,"[0.9, 0.1]","[""no"", ""yes""]"\n'
    found = read(_file(tmp_path, text), ASKED)
    assert found.predictions == ("yes", "no")
    assert found.chances == ({"no": 0.25, "yes": 0.75}, {"no": 0.9, "yes": 0.1})


def test_a_regression_answers_a_number_a_line(tmp_path: Path) -> None:
    found = read(_file(tmp_path, "1.5\n-2e3\n"), ())
    assert (found.predictions, found.chances) == (("1.5", "-2e3"), None)


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("b.out", "a.out")]
    for path in paths:
        path.write_text(f"{path.stem}\n")
    assert read(paths, ()).predictions == ("b", "a")


@pytest.mark.parametrize(
    "line", ["yes\n", "yes,0.5,no\n", 'yes,"[1]","__import__(\'os\')"\n', f'yes,"{"[" * 500}","[]"\n', 'yes,"[1]","[]"\n']
)
def test_an_answer_of_another_form_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(FailedError):
        read(_file(tmp_path, line), ASKED)


def test_each_container_is_told_what_to_answer_and_what_it_gets() -> None:
    supported = "SAGEMAKER_INFERENCE_SUPPORTED"
    containers = [
        {"Image": "transform", "ModelDataUrl": "s3://b/1"},
        {"Image": "xgboost", "ModelDataUrl": "s3://b/2", "Environment": {supported: "predicted_label,probability,probabilities"}},
        {"Image": "labels", "ModelDataUrl": "s3://b/3", "Environment": {supported: "labels,probabilities,predicted_label"}},
    ]
    first, second, third = [one["Environment"] for one in chained(containers)]
    assert first == {}
    assert second["SAGEMAKER_INFERENCE_OUTPUT"] == "predicted_label,probabilities"
    assert "SAGEMAKER_INFERENCE_INPUT" not in second
    assert third["SAGEMAKER_INFERENCE_INPUT"] == "predicted_label,probabilities"
    assert third["SAGEMAKER_INFERENCE_OUTPUT"] == "predicted_label,probabilities,labels"
    assert "SAGEMAKER_INFERENCE_OUTPUT" not in containers[2]["Environment"]  # what the service said stays as it is
