"""What is wrong with a user's file is said in one line, with its line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_engine import HyperParameters
from local_engine.definition import ModelSpace
from local_engine.errors import BuilderError, FitAtImportError, TrialError
from local_engine.space.builder import Builder, load_builder

BUILDERS = Path(__file__).parent / "builders"


def load(folder: Path, text: str, name: str = "build") -> Builder:
    file = folder / "model.py"
    file.write_text(text, encoding="utf-8")
    return load_builder(ModelSpace(str(file), name))


@pytest.mark.parametrize(
    ("text", "message", "line", "hint"),
    [
        ("def build(hp:\n  pass\n", "model.py is not Python: '(' was never closed", 1, None),
        ("x = 1\nx = y\n", "importing model.py failed: NameError: name 'y' is not defined", 2, None),
        (
            "import nowhere_to_be_found\n",
            "No module named 'nowhere_to_be_found'",
            1,
            "put nowhere_to_be_found.py beside the file",
        ),
        ("import sys\n\nsys.exit(3)\n", "importing model.py ends the process: sys.exit(3)", 3, None),
        ("open('missing.csv')\n", "FileNotFoundError", 1, "relative paths are looked up in"),
        ("import keras_tuner.cloud\n", "No module named 'keras_tuner.cloud'", 1, "pip install keras-tuner"),
        ("from keras_tuner import Wizard\n", "cannot import name 'Wizard' from 'keras_tuner'", 1, "pip install keras-tuner"),
        ("import argparse\nargparse.ArgumentParser().parse_args(['--x'])\n", "ends the process: sys.exit(2)", 2, None),
        ("def built(hp):\n    pass\n", "no 'build' in model.py", None, "did you mean 'built'?"),
        ("def other(hp):\n    pass\nclass Xyz:\n    pass\n", "no 'build' in model.py", None, "the file defines other, Xyz"),
        ("", "no 'build' in model.py", None, "the file defines no function or class"),
        ("build = 3\n", "'build' is of type int, not a function of hp", None, None),
        (
            "from sklearn.svm import SVC\nbuild = SVC()\n",
            "'build' is a model, not a function of hp",
            None,
            "name a function that takes hp",
        ),
    ],
)
def test_errors_of_a_file(tmp_path: Path, text: str, message: str, line: int | None, hint: str | None) -> None:
    with pytest.raises(BuilderError) as caught:
        load(tmp_path, text)
    error = caught.value
    assert message in error.message
    assert "\n" not in error.message
    assert error.line == line
    assert error.where == str((tmp_path / "model.py").resolve()) + (f":{line}" if line else "")
    assert hint is None or hint in str(error.hint)


def test_an_error_in_a_helper_has_the_helpers_line(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("a = 1\nb = 1 / 0\n")
    with pytest.raises(BuilderError, match="ZeroDivisionError") as caught:
        load(tmp_path, "import helper\n")
    assert str(caught.value.where).endswith("helper.py:2")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match=r"no such file: none\.py"):
        load_builder(ModelSpace(str(tmp_path / "none.py"), "build"))


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(BuilderError, match=r"model\.py is not Python"):
        load_builder(ModelSpace(str(tmp_path / "model.py"), "build"))


def test_paths_with_spaces_and_other_letters(tmp_path: Path) -> None:
    folder = tmp_path / "Ünï cödé dir"
    folder.mkdir()
    (folder / "hëlper.py").write_text("LOW = 1\n", encoding="utf-8")
    builder = load(folder, "from hëlper import LOW\nfrom sklearn.svm import SVC\nbuild = lambda hp: SVC(C=hp.Int('C', LOW, 3))\n")
    builder.build(HyperParameters())
    assert [file.name for file in builder.files] == ["model.py", "hëlper.py"]


FIT = """
import keras
import numpy as np

def build(hp):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model

{call}
"""


def test_a_file_that_trains_is_refused_with_its_line(tmp_path: Path) -> None:
    import keras

    before = keras.Model.fit
    with pytest.raises(FitAtImportError, match="trains a model") as caught:
        load(tmp_path, FIT.format(call="build(None).fit(np.zeros((4, 2)), np.zeros((4, 1)))"))
    assert caught.value.line == 10
    assert str(caught.value.where).endswith("model.py:10")
    assert "__main__" in str(caught.value.hint)
    assert keras.Model.fit is before


def test_a_file_that_trains_only_as_a_script_is_fine(tmp_path: Path) -> None:
    call = 'if __name__ == "__main__":\n    build(None).fit(np.zeros((4, 2)), np.zeros((4, 1)))'
    assert load(tmp_path, FIT.format(call=call)).stopped_at is None


def test_an_estimators_fit_is_not_refused(tmp_path: Path) -> None:
    load(tmp_path, "from sklearn.svm import SVC\nSVC().fit([[0], [1]], [0, 1])\nbuild = lambda hp: SVC()\n")


@pytest.mark.parametrize(
    ("name", "returned", "hint"),
    [
        ("nothing", "returned None, not a model", "return model"),
        ("a_class", "returned ABCMeta|returned type", "estimator"),
        ("a_pair", "returned tuple", "estimator"),
    ],
)
def test_what_is_not_a_model_is_named(name: str, returned: str, hint: str) -> None:
    builder = load_builder(ModelSpace(str(BUILDERS / "forms.py"), name))
    with pytest.raises(BuilderError, match=returned) as caught:
        builder.build(HyperParameters())
    assert hint in str(caught.value.hint)
    assert "forms.py:" in str(caught.value.where)


@pytest.mark.parametrize(("name", "words"), [("unbound", "steps"), ("Demanding", "vocabulary")])
def test_arguments_that_nothing_gives(name: str, words: str) -> None:
    builder = load_builder(ModelSpace(str(BUILDERS / "forms.py"), name))
    with pytest.raises(BuilderError, match=f"arguments that nothing gives: {words}") as caught:
        builder.build(HyperParameters())
    assert "functools.partial" in str(caught.value.hint)


def test_a_build_that_fails_is_a_failed_trial_with_the_librarys_reason() -> None:
    builder = load_builder(ModelSpace(str(BUILDERS / "forms.py"), "failing"))
    with pytest.raises(TrialError, match="unexpected keyword argument 'colour'") as caught:
        builder.build(HyperParameters())
    assert caught.value.reason.startswith("TypeError: ")
    line = (BUILDERS / "forms.py").read_text().splitlines().index("def failing(hp):") + 2
    assert str(caught.value.where).endswith(f"forms.py:{line}")


def test_kerass_own_reason_is_found_in_its_message() -> None:
    builder = load_builder(ModelSpace(str(BUILDERS / "models.py"), "too_deep"))
    with pytest.raises(TrialError) as caught:
        builder.build(HyperParameters())
    assert "\n" not in caught.value.reason
    assert "dimension" in caught.value.reason or "size" in caught.value.reason


def test_search_inside_a_builder_is_refused(tmp_path: Path) -> None:
    text = "import keras_tuner as kt\ndef build(hp):\n    kt.RandomSearch(build, 'loss').search()\n"
    with pytest.raises(TrialError, match="cannot run here"):
        load(tmp_path, text).build(HyperParameters())
