"""A space as a tuner's flat list of parameters, and the strings that come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_engine.containers.parameters import Range, decode, ranges
from local_engine.containers.texts import text_of
from local_engine.errors import EngineError
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int

_names = st.text(min_size=1, max_size=12)
_real = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def _parameters(draw: st.DrawFn, name: str, conditions: list[Parent]) -> HyperParameter:
    kind = draw(st.sampled_from(["int", "log int", "real", "log real", "reverse", "boolean", "words", "numbers", "fixed"]))
    low = draw(st.integers(1, 50))
    high = low + draw(st.integers(0, 500))
    step: Any = draw(st.one_of(st.none(), st.integers(1, 7)))
    if kind == "int":
        return Int(name, low, high, step=step, conditions=conditions)
    if kind == "log int":
        return Int(name, low, high, step=draw(st.sampled_from([None, 2, 3])), sampling="log", conditions=conditions)
    if kind == "real":
        bottom = draw(_real)
        step = draw(st.sampled_from([None, 0.1, 0.25]))
        return Float(name, bottom, bottom + draw(st.floats(0, 20)), step=step, conditions=conditions)
    if kind in ("log real", "reverse"):
        sampling = "log" if kind == "log real" else "reverse_log"
        return Float(
            name, low / 1000, high / 500, step=draw(st.sampled_from([None, 2.0])), sampling=sampling, conditions=conditions
        )
    if kind == "boolean":
        return Boolean(name, conditions=conditions)
    if kind == "fixed":
        return Fixed(name, draw(st.one_of(st.integers(), st.text(), st.booleans(), _real)), conditions=conditions)
    of = st.text(max_size=300) if kind == "words" else st.one_of(st.just(0)).flatmap(lambda _: _real)
    return Choice(name, draw(st.lists(of, min_size=1, max_size=6, unique=True)), conditions=conditions)


@st.composite
def _spaces(draw: st.DrawFn) -> Space:
    """Up to eight parameters, some of them under values of earlier ones, some of a name that another has."""
    found: list[HyperParameter] = []
    for name in draw(st.lists(_names, min_size=1, max_size=8)):
        parents = [one for one in found if not isinstance(one, Fixed | Float) and one.name != name]
        conditions: list[Parent] = []
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            conditions = [*parent.conditions, Parent(parent.name, draw(st.sampled_from(list(parent.values)[:3])))]  # type: ignore[list-item]
            if name in {condition.name for condition in conditions}:
                conditions = []
        found.append(draw(_parameters(name, conditions)))
    return Space(tuple(found))


def _sent(space: Space, params: Mapping[str, Any]) -> dict[str, str]:
    """What a tuner would send for these values: a text for everything, also for what is not active."""
    sent = {}
    for one, parameter in zip(ranges(space), space.parameters, strict=True):
        if one.kind == "fixed":
            continue
        value = params.get(parameter.name, parameter.default)
        if one.kind == "categorical":
            values = list(dict.fromkeys(parameter.values))
            sent[one.remote] = one.values[values.index(value) if value in values else 0]
        else:
            sent[one.remote] = text_of(value)
    return sent


@given(_spaces(), st.integers(0, 1000))
def test_what_was_sent_comes_back_exactly(space: Space, seed: int) -> None:
    params = space.sample(seed)
    back = decode(space, _sent(space, params))
    assert back == params
    assert {name: type(value) for name, value in back.items()} == {name: type(value) for name, value in params.items()}


@given(_spaces(), st.data())
def test_whatever_a_tuner_proposes_is_a_configuration_of_the_space(space: Space, data: st.DataObject) -> None:
    sent = {one.remote: data.draw(_proposals(one)) for one in ranges(space) if one.kind != "fixed"}
    params = decode(space, sent | {"sagemaker_program": "train.py", "_tuning_objective_metric": "val_accuracy"})
    assert {one.name for one in space.active(params)} == set(params)
    for parameter in space.active(params):
        value = params[parameter.name]
        if isinstance(parameter, Int | Float) and parameter.step is None:
            assert parameter.min_value <= value <= parameter.max_value
        else:
            assert value in parameter.values or value == parameter.default


def _proposals(one: Range) -> st.SearchStrategy[str]:
    if one.kind == "categorical":
        return st.sampled_from(one.values)
    if one.kind == "integer":
        assert isinstance(one.low, int) and isinstance(one.high, int)
        return st.integers(one.low, one.high).flatmap(lambda number: st.sampled_from([str(number), f"{number}.0", f'"{number}"']))
    return st.floats(one.low, one.high).map(repr)


@given(_spaces())
def test_every_parameter_has_one_range_and_a_name_that_a_container_takes(space: Space) -> None:
    found = ranges(space)
    assert [one.key for one in found] == list(space.keys)
    remote = [one.remote for one in found]
    assert len({*remote}) == len(remote)
    for name in remote:
        assert 0 < len(name) <= 256 and name.isprintable() and "=" not in name and not name.startswith(("-", "sagemaker_"))
    for one in found:
        assert all(len(text) <= 256 and "\n" not in text for text in one.values)
        assert len(set(one.values)) == len(one.values)


@given(_spaces())
def test_a_grid_is_sent_as_lists_and_read_back(space: Space) -> None:
    for one, parameter in zip(ranges(space, listed=True), space.parameters, strict=True):
        assert one.kind in ("categorical", "fixed")
        alone = Space((type(parameter).from_config({**parameter.get_config(), "conditions": []}),))
        (range_,) = ranges(alone, listed=True)
        found = [decode(alone, {range_.remote: text})[parameter.name] for text in range_.values]
        assert found == list(dict.fromkeys(found))
        assert one.kind == "fixed" or set(found) == {parameter.default, *parameter.values}


def test_scales_and_kinds_are_those_of_the_space() -> None:
    space = Space(
        (
            Int("units", 32, 512, step=32),
            Int("heads", 1, 8),
            Float("rate", 1e-4, 1e-1, sampling="log"),
            Float("momentum", 0.5, 0.99, sampling="reverse_log"),
            Choice("kind", ["a", "b"]),
            Boolean("bias"),
            Fixed("seed", 3),
            Choice("width", [0.5, 1.0, 2.0]),
        )
    )
    assert ranges(space) == (
        Range("units", "units", "integer", 32, 512, "linear", approximated="steps of 32"),
        Range("heads", "heads", "integer", 1, 8),
        Range("rate", "rate", "continuous", 1e-4, 1e-1, "log"),
        Range("momentum", "momentum", "continuous", 0.5, 0.99, "reverse_log"),
        Range("kind", "kind", "categorical", values=("a", "b")),
        Range("bias", "bias", "categorical", values=("true", "false")),
        Range("seed", "seed", "fixed"),
        Range(
            "width",
            "width",
            "categorical",
            values=("0.5", "1.0", "2.0"),
            approximated="the order of its values is not known to the tuner",
        ),
    )


@pytest.mark.parametrize("text", ["128", "128.0", '"128"', " 128 ", "127.6", "130", "1.28e2"])
def test_numbers_are_understood_however_they_are_written(text: str) -> None:
    params = decode(Space((Int("units", 32, 512, step=32),)), {"units": text})
    assert params == {"units": 128} and type(params["units"]) is int


def test_a_factor_of_steps_is_rounded_by_ratio() -> None:
    space = Space((Int("units", 16, 256, step=2, sampling="log"),))
    assert decode(space, {"units": "90"}) == {"units": 64}
    assert decode(space, {"units": "91"}) == {"units": 128}


def test_two_definitions_of_a_name_are_two_parameters() -> None:
    deep, flat = Parent("kind", ["deep"]), Parent("kind", ["flat"])
    space = Space(
        (Choice("kind", ["deep", "flat"]), Int("units", 1, 9, conditions=deep), Int("units", 100, 200, conditions=flat))
    )
    assert [one.remote for one in ranges(space)] == ["kind", "units", "units@2"]
    sent = {"kind": "flat", "units": "5", "units@2": "150"}
    assert decode(space, sent) == {"kind": "flat", "units": 150}
    assert decode(space, sent | {"kind": "deep"}) == {"kind": "deep", "units": 5}


def test_names_that_a_container_cannot_take_are_sent_otherwise() -> None:
    space = Space(tuple(Boolean(name) for name in ("a=b", "a_b", "model_dir", "sagemaker_program", "-x", "block/units 1")))
    assert [one.remote for one in ranges(space)] == [
        "a_b_2",
        "a_b",
        "hp_model_dir",
        "hp_sagemaker_program",
        "x",
        "block_units_1",
    ]


def test_two_definitions_of_a_name_may_come_under_the_one_name() -> None:
    space = Space(
        (
            Choice("kind", ["a", "b"]),
            Int("units", 1, 9, conditions=Parent("kind", "a")),
            Int("units", 10, 90, step=10, conditions=Parent("kind", "b")),
        )
    )
    assert decode(space, {"kind": "a", "units": "3.0"}) == {"kind": "a", "units": 3}
    assert decode(space, {"kind": "b", "units": "30.0"}) == {"kind": "b", "units": 30}
    assert decode(space, {"kind": "b", "units": "3", "units@2": "50"}) == {"kind": "b", "units": 50}


def test_a_number_of_a_list_may_be_written_shorter_than_it_is() -> None:
    space = Space((Choice("rate", [0.1, 1 / 3, 0.5]),))
    assert decode(space, {"rate": "0.3333333"}) == {"rate": 1 / 3}
    with pytest.raises(EngineError, match=r"'0\.33' for 'rate'"):
        decode(space, {"rate": "0.33"})


def test_values_that_a_request_cannot_hold_are_sent_by_their_position() -> None:
    space = Space((Choice("prompt", ["two\nlines", "x" * 300]),))
    (one,) = ranges(space)
    assert one.values == ("0", "1")
    assert decode(space, {"prompt": "1"}) == {"prompt": "x" * 300}


def test_a_value_that_is_none_of_the_parameters_ends_the_trial() -> None:
    space = Space((Choice("kind", ["a", "b"]), Int("units", 1, 9)))
    with pytest.raises(EngineError, match="'c' for 'kind'"):
        decode(space, {"kind": "c", "units": "1"})
    with pytest.raises(EngineError, match="no value for 'units'"):
        decode(space, {"kind": "a"})
    with pytest.raises(EngineError, match="'nan' for 'units'"):
        decode(space, {"kind": "a", "units": "nan"})
