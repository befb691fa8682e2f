"""What a model sees: learnt on training rows alone, never NaN, and the same after saving and loading with Keras alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_engine.data import Inputs, as_tensors, encode, load
from local_engine.data.inputs import name_columns, take
from local_engine.data.preprocessing import learn
from local_engine.definition import Data, Split
from local_engine.errors import DataError


def reloaded(model: Any, path: Path) -> Any:
    import keras

    model.save(path / "e.keras")
    return keras.models.load_model(path / "e.keras", compile=False)


@pytest.fixture
def mixed(tmp_path: Path, table: Any) -> Any:
    """The table of every kind of column, some of whose names Keras uses or refuses."""
    frame = table.drop(columns=["note", "row", "price"])
    frame.columns = ["concatenate", "normalization/é", "c member", "City", "city", "y"]
    frame.to_csv(tmp_path / "t.csv", index=False)
    return load(Data(str(tmp_path / "t.csv"), target="y"), "tabular-classification")


def test_every_kind_of_column(mixed: Any, tmp_path: Path) -> None:
    assert [column.key for column in mixed.inputs.columns] == ["concatenate", "normalization__", "c_member", "City", "city_2"]
    encoder = mixed.preprocessing.encoder()
    matrix = encode(encoder, mixed.train.rows())
    assert matrix.dtype == np.float32 and matrix.shape == (mixed.train.n, *mixed.input_shape)
    assert np.isfinite(matrix).all()
    stored = next(iter(mixed.train.stored_batches(1000)))
    ages = stored["concatenate"]
    expected = (np.where(np.isnan(ages), np.nanmean(ages), ages) - np.nanmean(ages)) / np.nanstd(ages)
    assert np.allclose(matrix[:, 0], expected, atol=1e-5)
    assert np.allclose(matrix[:, 2], np.where(np.isnan(stored["c_member"]), 0.5, stored["c_member"]))
    categories = mixed.preprocessing.statistics.categories["City"]
    assert np.array_equal(matrix[:, -len(categories) :].argmax(axis=1), [categories.index(city) for city in stored["City"]])
    again = reloaded(encoder, tmp_path)
    for part in (mixed.train, mixed.test):
        assert np.array_equal(encode(again, part.rows()), encode(encoder, part.rows()))
    assert np.array_equal(again.predict(as_tensors(mixed.test.rows()), verbose=0), encode(encoder, mixed.test.rows()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e38, -1e300, 42.0]),
            st.sampled_from([np.nan, 0.0, 1.0]),
            st.sampled_from(["", "Oslo", "never seen"]),
            st.sampled_from([np.nan, 0.0, 19000.25, -1e9]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_no_pattern_of_gaps_gives_nan(rows: list[tuple[float, float, str, float]]) -> None:
    encoder = _encoder_of_gaps()
    number, flag, city, day = (np.array(values, object) for values in zip(*rows, strict=True))
    with np.errstate(over="ignore"):
        raw = {
            "n": number.astype(np.float32).reshape(-1, 1),
            "f": flag.astype(np.float32).reshape(-1, 1),
            "c": city.reshape(-1, 1),
            "d": day.astype(np.float32).reshape(-1, 1),
        }
    assert np.isfinite(encode(encoder, raw)).all()


_ENCODERS: list[Any] = []


def _encoder_of_gaps() -> Any:
    """One encoder for all examples: learnt of a column of each kind with gaps."""
    if not _ENCODERS:
        from local_engine.data.preprocessing import Preprocessing
        from local_engine.data.preprocessing.statistics import learn_table

        inputs = Inputs("table", columns=name_columns([("n", "number"), ("f", "boolean"), ("c", "category"), ("d", "date")]))
        city = np.array(["Oslo", "", "Roma"], object)
        stored = {
            "n": np.array([1.0, np.nan, 4.0]),
            "f": np.array([0, 1, np.nan]),
            "c": city,
            "d": np.array([19000, np.nan, 19010]),
        }
        _ENCODERS.append(Preprocessing(inputs, "unit", learn_table([stored], inputs)).encoder())
    return _ENCODERS[0]


def test_constants_and_columns_without_a_value(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("one,none,word,y\n" + "".join(f"5,,same,{row % 2}\n" for row in range(40)))
    dataset = load(Data(str(tmp_path / "t.csv"), target="y"), "tabular-classification")
    matrix = encode(dataset.preprocessing.encoder(), dataset.train.rows())
    assert np.array_equal(np.unique(matrix, axis=0), [[0, 0, 1, 0, 1]])


def test_only_training_rows_are_learnt_from(tmp_path: Path) -> None:
    lines = ["x,c,y", *(f"{row},in,{row % 2}" for row in range(40))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    (tmp_path / "test.csv").write_text("x,c,y\n100000,out,1\n,out,0\n")
    dataset = load(
        Data(str(tmp_path / "t.csv"), target="y", split=Split(test=str(tmp_path / "test.csv"))), "tabular-classification"
    )
    statistics = dataset.preprocessing.statistics
    assert statistics.categories == {"c": ("in",)} and statistics.moments["x"].missing == 0
    assert statistics.moments["x"].mean == pytest.approx(dataset.train.rows()["x"].mean())
    assert encode(dataset.preprocessing.encoder(), dataset.test.rows())[:, 1:].tolist() == [[1, 0], [1, 0]]


def test_at_most_a_hundred_categories(tmp_path: Path) -> None:
    rows = [f"name{row % 150:03},{row % 2}" for row in range(600)] + ["name149,0"] * 9
    (tmp_path / "t.csv").write_text("c,y\n" + "\n".join(rows))
    dataset = load(Data(str(tmp_path / "t.csv"), target="y"), "tabular-classification")
    assert dataset.input_shape == (101,)
    assert dataset.preprocessing.statistics.categories["c"][0] == "name149"


@pytest.mark.parametrize(("scale", "top"), [("unit", 1.0), ("none", 255.0)])
@pytest.mark.parametrize("channel", [False, True])
def test_images(tmp_path: Path, scale: Any, top: float, channel: bool) -> None:
    import keras

    x = np.random.default_rng(0).integers(0, 256, (40, 5, 4)).astype(np.uint8)
    x[:, 0, 0] = 255
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(40) % 2)
    preprocessing = load(Data(str(tmp_path / "a.npz"), scale=scale), "image-classification").preprocessing
    form = preprocessing.form_for([keras.Input((5, None, 1) if channel else (5, 4))])
    seen = encode(preprocessing.encoder(form), x)
    assert seen.shape == ((40, 5, 4, 1) if channel else (40, 5, 4)) and seen.dtype == np.float32
    assert np.allclose(seen.reshape(x.shape), x * (top / 255), atol=1e-6) and seen.max() == top
    assert np.array_equal(encode(reloaded(preprocessing.encoder(form), tmp_path), x), seen)
    assert [other.shape for other in preprocessing.candidate_forms()] == [(5, 4), (5, 4, 1)]


@pytest.mark.parametrize("shape", [(20,), (4, 5), (5, 4, 3), (2, 5, 4, 1)])
def test_images_are_not_forced_into_another_shape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    import keras

    np.savez(tmp_path / "a.npz", x=np.zeros((40, 5, 4), np.uint8), y=np.arange(40) % 2)
    preprocessing = load(Data(str(tmp_path / "a.npz")), "image-classification").preprocessing
    with pytest.raises(DataError, match="declares an input of the shape") as caught:
        preprocessing.form_for([keras.Input(shape)])
    assert caught.value.field == "space.model"
    assert ("Flatten" in str(caught.value.hint)) == (shape == (20,))


def test_a_model_that_names_its_inputs(mixed: Any, tmp_path: Path) -> None:
    import keras

    preprocessing = mixed.preprocessing
    declared = [
        keras.Input((2,), name="concatenate"),
        keras.Input((1,), name="c_member"),
        keras.Input((1,), name="City", dtype="string"),
        keras.Input((), name="city_2", dtype="int32"),
    ]
    form = preprocessing.form_for(declared)
    assert [(item.column, item.how, item.width) for item in form.columns] == [
        ("concatenate", "encoded", 2),
        ("c_member", "value", 1),
        ("City", "string", 1),
        ("city_2", "number", 1),
    ]
    encoder = preprocessing.encoder(form)
    raw = preprocessing.raw_inputs()
    whole = keras.Model(raw, encoder(raw))  # as a saved model has it: raw rows in
    seen = encode(reloaded(whole, tmp_path), mixed.train.rows())
    assert {name: values.shape[1:] for name, values in seen.items()} == {
        "concatenate": (2,),
        "c_member": (1,),
        "City": (1,),
        "city_2": (1,),
    }
    assert seen["city_2"].dtype == np.int32
    code = preprocessing.encoder(preprocessing.form_for([keras.Input((1,), name="City", dtype="int32")]))
    assert set(np.unique(encode(code, mixed.train.rows())["City"])) == {1, 2, 3, 4}


def test_inputs_that_are_no_columns(mixed: Any) -> None:
    import keras

    with pytest.raises(DataError) as caught:
        mixed.preprocessing.form_for([keras.Input((1,), name="City"), keras.Input((1,), name="age")])
    assert caught.value.field == "space.model" and "City" in caught.value.choices
    with pytest.raises(DataError, match="encoded as"):
        mixed.preprocessing.form_for([keras.Input((3,), name="City"), keras.Input((1,), name="c_member")])
    with pytest.raises(DataError, match="declares an input of the shape"):
        mixed.preprocessing.form_for([keras.Input((99,))])


def test_texts(tmp_path: Path) -> None:
    import keras

    texts = ["the cat sat", "A dog! ran, the dog's home", "Ünï code", "the"]
    lines = [f'"{texts[row % 4]}",{row % 2}' for row in range(80)]
    (tmp_path / "t.csv").write_text("text,y\n" + "\n".join(lines), encoding="utf-8")
    dataset = load(Data(str(tmp_path / "t.csv"), target="y"), "text-classification")
    preprocessing = dataset.preprocessing
    adapted = keras.layers.TextVectorization(max_tokens=10_000)
    adapted.adapt(np.array(dataset.train.rows()[:, 0].tolist()))
    assert set(adapted.get_vocabulary()[2:]) == set(preprocessing.statistics.tokens)
    assert preprocessing.statistics.tokens[0] == "the" and dataset.input_shape == (6,)
    encoder = preprocessing.encoder()
    tokens = encode(encoder, dataset.train.rows())
    assert tokens.shape == (dataset.train.n, 6) and tokens.max() == len(preprocessing.statistics.tokens) + 1
    assert np.array_equal(encode(reloaded(encoder, tmp_path), dataset.train.rows()), tokens)
    longer = preprocessing.form_for([keras.Input((9,), dtype="int32")])
    assert encode(preprocessing.encoder(longer), dataset.train.rows()).shape[1] == 9
    strings = preprocessing.form_for([keras.Input((1,), dtype="string")])
    assert encode(preprocessing.encoder(strings), dataset.test.rows())[0, 0].decode() == dataset.test.rows()[0, 0]


def test_statistics_do_not_depend_on_how_rows_come(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", x=rng.normal(1e4, 3, (20_000, 2)), y=np.arange(20_000) % 2)
    dataset = load(Data(str(tmp_path / "a.npz")), "tabular-classification")
    whole = np.concatenate([take(batch, slice(None))["x0"] for batch in dataset.train.stored_batches(10**6)])
    moments = dataset.preprocessing.statistics.moments["x0"]
    assert moments.mean == pytest.approx(whole.mean(), rel=1e-12) and moments.variance == pytest.approx(whole.var(), rel=1e-9)
    assert learn(dataset.train, "unit") == dataset.preprocessing
    assert Inputs.from_json(dataset.inputs.to_json()) == dataset.inputs
