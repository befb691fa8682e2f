"""Values of hyperparameters as the text that a tuner sends, and back: forgiving of how they are written, exact in the end."""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from local_engine.definition import Value
from local_engine.errors import EngineError

if TYPE_CHECKING:
    from local_engine.space.parameters import Choice, Float, HyperParameter, Int

_LONGEST = 256
_ROUNDED = 1e-6
"""How far a service's way of writing a number may be from the number."""
_WORDS = {"true": True, "false": False}


def text_of(value: Value) -> str:
    """One value: numbers as short as they can be read back, `true` and `false`, text as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value)


def texts_of(parameter: HyperParameter) -> tuple[str, ...]:
    """The different values of a Choice or Boolean, in order; by their positions where one is too long or has a line break."""
    values = list(dict.fromkeys(parameter.values))
    texts = tuple(text_of(value) for value in values)
    if all(len(text) <= _LONGEST and text.isprintable() for text in texts):
        return texts
    return tuple(str(position) for position in range(len(values)))


def value_of(parameter: HyperParameter, text: str) -> Value:
    """The value of `parameter` that `text` means: numbers are brought into the range and onto the grid.

    Raises:
        EngineError: it can mean none.
    """
    from local_engine.space.parameters import Boolean, Choice, Float, Int

    for candidate in dict.fromkeys((text, _unquoted(text))):
        found: Value | None = None
        if isinstance(parameter, Choice):
            found = _chosen(parameter, candidate)
        elif isinstance(parameter, Boolean):
            found = _switched(candidate)
        elif isinstance(parameter, Int):
            found = _whole(parameter, candidate)
        elif isinstance(parameter, Float):
            found = _real(parameter, candidate)
        if found is not None:
            return found
    raise EngineError(f"the tuner sent {text!r} for {parameter.name!r}, which is none of its values")


def _unquoted(text: str) -> str:
    try:
        inner = json.loads(text)
    except ValueError:
        return text.strip()
    return inner if isinstance(inner, str) else text.strip()


def _chosen(parameter: Choice, text: str) -> Value | None:
    values = list(dict.fromkeys(parameter.values))
    texts = texts_of(parameter)
    if text in texts:
        return values[texts.index(text)]  # type: ignore[no-any-return]
    if isinstance(values[0], str):
        return None
    number = int(_WORDS[text.lower()]) if text.lower() in _WORDS else _number(text)
    if number is None:
        return None
    exact = number if isinstance(values[0], int) else float(number)
    if exact in values:
        return values[values.index(exact)]  # type: ignore[no-any-return]
    near = [value for value in values if math.isclose(value, exact, rel_tol=_ROUNDED)]
    return near[0] if len(near) == 1 else None


def _switched(text: str) -> bool | None:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    number = _number(text)
    return bool(number) if number in (0, 1) else None


def _whole(parameter: Int, text: str) -> int | None:
    number = _number(text)
    if number is None:
        return None
    if number == parameter.default:  # a default need not lie on the grid
        return int(parameter.default)
    nearest = min(max(round(number), parameter.min_value), parameter.max_value)
    if parameter.step is None:
        return int(nearest)
    if parameter.sampling == "linear":
        last = (parameter.max_value - parameter.min_value) // parameter.step
        index = round(float((Decimal(number) - parameter.min_value) / parameter.step))
        return int(parameter.min_value + min(max(index, 0), last) * parameter.step)
    return int(_nearest(parameter, float(number)))


def _real(parameter: Float, text: str) -> float | None:
    number = _number(text)
    if number is None:
        return None
    real = float(number)
    if real == parameter.default:
        return float(parameter.default)
    if parameter.step is None:
        return float(min(max(real, parameter.min_value), parameter.max_value))
    return float(_nearest(parameter, real))


def _nearest(parameter: Int | Float, number: float) -> Any:
    """The value of the grid that is nearest to `number`, by ratio where the grid's steps are factors."""
    low, high, linear = parameter.min_value, parameter.max_value, parameter.sampling == "linear"
    inside = min(max(number, low), high)

    def place(value: Any) -> float:
        if linear:
            return float(value)
        return math.log(value) if parameter.sampling == "log" else -math.log(high + low - value)

    return min(parameter.values, key=lambda value: abs(place(value) - place(inside)))


def _number(text: str) -> int | Decimal | None:
    """A finite number, exactly as it is written; None where the text is none."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number) if number == number.to_integral_value() and abs(number) < 10**40 else number
