"""Every form in which public files name a space, import Keras Tuner and ask for values runs without a touch to the file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from local_engine import HyperModel, HyperParameters, Space
from local_engine.definition import ModelSpace
from local_engine.errors import BuilderError
from local_engine.space.builder import Builder, DataShape, load_builder
from local_engine.space.hp import bind

BUILDERS = Path(__file__).parent / "builders"

pytestmark = pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")


def load(file: str, name: str, **options: Any) -> Builder:
    return load_builder(ModelSpace(str(BUILDERS / file), name), **options)


@pytest.mark.parametrize(
    "name", ["plain", "with_defaults", "bound", "as_lambda", "Plain", "Named", "Untunable", "instance", "instance.build", "held"]
)
def test_forms_that_need_no_data(name: str) -> None:
    builder = load("forms.py", name)
    hp = HyperParameters()
    assert type(builder.build(hp)).__name__ == "LogisticRegression"
    assert [parameter.name for parameter in hp.space] == ([] if name == "Untunable" else ["C"])
    assert builder.fit is None
    assert builder.name == name


@pytest.mark.parametrize("name", ["Shaped", "of_shape"])
def test_forms_that_take_the_shape_of_the_data(name: str) -> None:
    model = load("forms.py", name, shape=DataShape((28, 28), 10)).build(HyperParameters())
    assert (model.shape_, model.classes_wanted_) == ((28, 28), 10)
    with pytest.raises(BuilderError, match="takes input_shape, num_classes, which only the data can tell"):
        load("forms.py", name).build(HyperParameters())


def test_an_instance_in_the_file_is_preferred_to_the_shape_of_the_data() -> None:
    model = load("forms.py", "Held", shape=DataShape((28, 28), 10)).build(HyperParameters())
    assert (model.shape_, model.classes_wanted_) == ((4, 4), 7)


def test_every_import_works() -> None:
    builder = load("every_import.py", "build")
    names = builder.build.__self__._names
    assert names["same"]
    assert names["old_is_new"]
    assert (names["objective"].name, names["objective"].direction) == ("val_auc", "max")
    assert Space.from_builder(builder).keys == ("C",)


def test_the_stand_in_is_gone_afterwards() -> None:
    before = {name for name in sys.modules if "tuner" in name}
    load("every_import.py", "build").build(HyperParameters())
    assert {name for name in sys.modules if name.startswith(("keras_tuner", "kerastuner"))} <= before


def test_applications_say_that_they_need_keras_tuner() -> None:
    pytest.importorskip("sklearn")
    if "keras_tuner" in sys.modules:
        pytest.skip("keras-tuner is installed")
    with pytest.raises(BuilderError, match="HyperResNet needs keras-tuner") as caught:
        load("every_import.py", "uses_application").build(HyperParameters())
    assert caught.value.hint == "pip install keras-tuner tensorboard"


def test_a_script_stops_at_its_search(capsys: pytest.CaptureFixture[str]) -> None:
    builder = load("script.py", "build")
    assert builder.stopped_at == 17
    assert Space.from_builder(builder).keys == ("C",)
    out, err = capsys.readouterr()
    assert out == "", "stdout is for data"
    assert "loading data" in err
    assert not Path("not_made").exists()
    with pytest.raises(BuilderError) as caught:
        load("script.py", "later")
    assert "what comes after search() on line 17 is not imported" in str(caught.value.hint)


def test_two_folders_have_helpers_of_the_same_name() -> None:
    first, second = load("first/model.py", "build"), load("second/model.py", "build")
    assert Space.from_builder(first).to_json()["parameters"][0]["config"]["values"] == ["a", "b"]
    assert Space.from_builder(second).keys == ("second",)
    assert Space.from_builder(second).parameters[0].values == [1, 2, 3]
    assert Space.from_builder(first).keys == ("first",)
    assert "config" not in sys.modules
    assert "late" not in sys.modules
    assert not list((BUILDERS / "first").rglob("__pycache__"))


def test_the_files_that_travel() -> None:
    assert [file.name for file in load("first/model.py", "build").files] == ["model.py", "config.py", "late.py"]
    package = load("package/model.py", "build")
    found = {file.relative_to(BUILDERS / "package").as_posix() for file in package.files}
    assert found == {"model.py", "parts/__init__.py", "parts/dense.py", "parts/limits.py", "parts/shared.py"}
    assert Space.from_builder(package).parameters[0].get_config()["max_value"] == 4.0


def test_the_hash_follows_the_code(tmp_path: Path) -> None:
    for copy in ("one", "two"):
        shutil.copytree(BUILDERS / "package", tmp_path / copy, ignore=shutil.ignore_patterns("__pycache__"))
    hashes = [load_builder(ModelSpace(str(tmp_path / copy / "model.py"), "build")).sha256() for copy in ("one", "two")]
    assert hashes[0] == hashes[1], "not of where it lies"
    (tmp_path / "two" / "parts" / "unused.py").write_text("UNUSED = False\n")
    assert load_builder(ModelSpace(str(tmp_path / "two" / "model.py"), "build")).sha256() == hashes[0]
    (tmp_path / "two" / "parts" / "limits.py").write_text("HIGH = 5.0\n")
    assert load_builder(ModelSpace(str(tmp_path / "two" / "model.py"), "build")).sha256() != hashes[0]


def test_a_root_above_the_file(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "blocks.py").write_text("from sklearn.linear_model import LogisticRegression as Block\n")
    (tmp_path / "models" / "net.py").write_text(
        "from blocks import Block\ndef build(hp):\n    return Block(C=hp.Float('C', 1, 2))\n"
    )
    builder = load_builder(ModelSpace(str(tmp_path / "models" / "net.py"), "build"), root=tmp_path)
    assert [file.relative_to(tmp_path.resolve()).as_posix() for file in builder.files] == ["models/net.py", "blocks.py"]
    builder.build(HyperParameters())


def test_a_function_or_hypermodel_of_this_process() -> None:
    from sklearn.linear_model import LogisticRegression

    class Model(HyperModel):
        def build(self, hp: HyperParameters) -> Any:
            return LogisticRegression(C=hp.Float("C", 1, 2))

        def fit(self, hp: HyperParameters, model: Any, *args: Any, **kwargs: Any) -> float:
            return float(hp.Int("epochs", 3, 9))

    def function(hp: HyperParameters) -> Any:
        return Model().build(hp)

    assert Builder.of(function).name == "function"
    assert Builder.of(function).sha256() != Builder.of(Model()).sha256()
    builder = Builder.of(Model())
    assert Builder.of(builder) is builder
    assert builder.files == ()
    hp = bind(Space.from_builder(builder), {"epochs": 5}, 1)
    assert builder.fit is not None
    assert builder.fit(hp, builder.build(hp)) == 5.0


def test_asking_as_public_builders_do() -> None:
    names: dict[str, Any] = {}
    exec((BUILDERS / "asking.py").read_text(), names)
    hp = HyperParameters()
    results = {function.__name__: function(HyperParameters()) for function in names["ALL"]}
    assert results["capitals"] == 1e-4
    assert results["factor_steps"] == 8
    assert results["choices"] == (1, 1e-2, "sgd")
    assert results["positional"] == (32, 0.0, "b", True)
    assert results["no_defaults"] == (1, 0.5, 3)
    assert results["layers"] == [8]
    assert results["bare_string"] == ("SVC", 0.1, None)
    assert results["same_name_in_one_scope"] == (8, 8, 8)
    assert results["same_name_in_two_scopes"] == ("a", 1, None)
    assert results["gated"] is None
    assert results["gated_by_arguments"] == (2, True, 2, True)
    assert results["scoped"] == ("conv", None)
    assert names["positional"](hp) == (32, 0.0, "b", True)
    assert hp.space[0].values == range(32, 513, 32)


GUIDE = [
    ("build_units", {"units"}),
    ("build_several", {"units", "activation", "dropout", "lr"}),
    ("build_existing", {"units", "activation", "dropout", "lr"}),
    ("build_layers", {"num_layers", "units_0", "activation", "dropout", "lr"}),
    ("MyHyperModel", {"units"}),
    ("NormalizingHyperModel", {"normalize"}),
    ("HyperRegressor", {"units"}),
    ("build_conditional", {"model_type", "mlp_units", "filters"}),
]


def test_the_getting_started_guide() -> None:
    """One import of the file for all its models: what is looked at is that each builds and shows its space."""
    for name, keys in GUIDE:
        builder = load("getting_started.py", name)
        space = Space.from_builder(builder)
        assert set(space.keys) == keys, name
        assert (builder.fit is not None) == name[0].isupper()
        builder.build(bind(space, space.sample(3), 3))


@pytest.mark.parametrize("name", ["flatten_shape", "input_layer", "named_inputs", "recurrent", "subclassed"])
def test_kinds_of_keras_models(name: str) -> None:
    space = Space.from_builder(load("models.py", name))
    assert space.parameters


def test_the_guides_own_fit() -> None:
    import numpy as np

    builder = load("getting_started.py", "HyperRegressor")
    hp = HyperParameters()
    model = builder.build(hp)
    x, y = np.zeros((8, 2), "float32"), np.ones((8, 1), "float32")
    assert builder.fit is not None
    score = builder.fit(hp, model, x, y, validation_data=(x, y), epochs=1, verbose=0)
    assert isinstance(score, float)


def test_estimators() -> None:
    builder = load("estimators.py", "build_model")
    space = Space.from_builder(builder)
    assert space.keys == ("model_type", "n_estimators", "max_depth")
    hp = bind(space, {"model_type": "svc"}, 5)
    assert type(builder.build(hp)).__name__ == "Pipeline"
    grown = space.merge(Space.from_hyperparameters(hp))
    assert grown.keys == ("model_type", "n_estimators", "max_depth", "C")
    assert set(hp.values) == {"model_type", "C"}


def test_a_change_of_directory_stays_the_files_own(tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("7")
    text = (
        "import os\nfrom pathlib import Path\nos.chdir(os.path.dirname(__file__))\nfrom sklearn.svm import SVC\n"
        "def build(hp):\n    return SVC(C=hp.Int('C', 1, int(Path('numbers.txt').read_text())))\n"
    )
    (tmp_path / "model.py").write_text(text)
    before = Path.cwd()
    builder = load_builder(ModelSpace(str(tmp_path / "model.py"), "build"))
    assert Path.cwd() == before
    assert Space.from_builder(builder).parameters[0].values == range(1, 8)
    assert Path.cwd() == before
