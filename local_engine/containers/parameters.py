"""A space as the flat list of parameters that a service's tuner searches, and the strings that it sends back as values.

Such a tuner knows no conditions and no steps: it sends a value for every parameter at every trial. Another sends only what is
active. `decode` takes those that are active, on their grid and of their own type, so that a trial is one that the space holds,
whatever was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from local_engine.containers.texts import text_of, texts_of, value_of
from local_engine.definition import Value
from local_engine.errors import EngineError
from local_engine.space.conditions import hold

if TYPE_CHECKING:
    from local_engine.space.flat import Space
    from local_engine.space.parameters import HyperParameter

Kind = Literal["integer", "continuous", "categorical", "fixed"]
Scale = Literal["linear", "log", "reverse_log"]

LONGEST = 256
"""Characters in a name or a value at most, by the strictest service."""

_RESERVED = re.compile(r"sagemaker_|_tuning_|model_dir$", re.IGNORECASE)
"""What names mean something to a container itself."""


@dataclass(frozen=True)
class Range:
    """One parameter as a tuner searches it.

    Attributes:
        key: the space's key of it (`units`; `units@2` for a second definition under other conditions).
        remote: the name that is sent: the key, where it is one that a container can take.
        kind: `fixed` is not sent, since there is nothing to choose.
        low: the least value of a range, else None.
        high: the greatest, else None.
        scale: how a range's values are spread.
        values: what is sent of a categorical one.
        approximated: what the tuner cannot know of it; None where nothing.
    """

    key: str
    remote: str
    kind: Kind
    low: int | float | None = None
    high: int | float | None = None
    scale: Scale = "linear"
    values: tuple[str, ...] = ()
    approximated: str | None = None


def ranges(space: Space, *, listed: bool = False) -> tuple[Range, ...]:
    """One range a key of the space, in the space's order.

    Args:
        space: the space.
        listed: every parameter by the values that a grid tries of it, as services want it for a grid.
    """
    names = remote_names(space.keys)
    pairs = zip(space.keys, space.parameters, strict=True)
    return tuple(_listed(key, names[key], one) if listed else _range(key, names[key], one) for key, one in pairs)


def decode(space: Space, strings: Mapping[str, str]) -> dict[str, Value]:
    """The configuration that a tuner's strings are.

    Args:
        space: the space that `ranges` was made of.
        strings: text by remote name, such as `128`, `128.0`, `"relu"`; other names do not count, nor do inactive parameters. What
            has no text of its own and shares its name with another definition takes the text of that one: some tuners search all
            definitions of a name under the one name.

    Returns:
        The values of what is active, by name, each one that its parameter can have.

    Raises:
        EngineError: an active parameter has no text, or one that no value of it can mean.
    """
    names = remote_names(space.keys)
    known: dict[str, Value] = {}
    for key, parameter in zip(space.keys, space.parameters, strict=True):
        if parameter.name not in known and hold(parameter.conditions, known):
            known[parameter.name] = _decoded(parameter, (names[key], names[parameter.name]), strings)
    return known


def _decoded(parameter: HyperParameter, remotes: Sequence[str], strings: Mapping[str, str]) -> Value:
    only = only_value(parameter)
    if only is not None:
        return only
    for remote in remotes:
        if remote in strings:
            return value_of(parameter, strings[remote])
    raise EngineError(f"the tuner sent no value for {remotes[0]!r}", hint="the request and the package are not of one plan")


def _range(key: str, remote: str, parameter: HyperParameter) -> Range:
    from local_engine.space.parameters import Boolean, Choice, Float, Int

    if only_value(parameter) is not None:
        return Range(key, remote, "fixed")
    if isinstance(parameter, Boolean | Choice):
        ordered = isinstance(parameter, Choice) and parameter.ordered and len(set(parameter.values)) > 2
        return Range(
            key,
            remote,
            "categorical",
            values=texts_of(parameter),
            approximated="the order of its values is not known to the tuner" if ordered else None,
        )
    assert isinstance(parameter, Int | Float)
    whole = isinstance(parameter, Int)
    return Range(
        key,
        remote,
        "integer" if whole else "continuous",
        parameter.min_value,
        parameter.max_value,
        parameter.sampling,  # type: ignore[arg-type]  # checked when the parameter was made: one of SAMPLINGS
        approximated=None if parameter.step is None or (whole and parameter.step == 1) else f"steps of {parameter.step}",
    )


def _listed(key: str, remote: str, parameter: HyperParameter) -> Range:
    from local_engine.space.parameters import Boolean, Choice
    from local_engine.strategies.tree import grid_values

    if only_value(parameter) is not None:
        return Range(key, remote, "fixed")
    if isinstance(parameter, Boolean | Choice):
        return Range(key, remote, "categorical", values=texts_of(parameter))
    return Range(key, remote, "categorical", values=tuple(text_of(value) for value in grid_values(parameter)))


def only_value(parameter: HyperParameter) -> Value | None:
    """The one value that a parameter can have; None where there is a choice."""
    from local_engine.space.parameters import Choice, Fixed, Float, Int

    if isinstance(parameter, Fixed):
        return parameter.value
    if isinstance(parameter, Int | Float) and parameter.min_value == parameter.max_value:
        return parameter.min_value  # type: ignore[no-any-return]  # an int of Int, a float of Float
    if isinstance(parameter, Choice) and len(set(parameter.values)) == 1:
        return parameter.values[0]  # type: ignore[no-any-return]
    return None


def remote_names(keys: Sequence[str]) -> dict[str, str]:
    """The name that each key is sent under: itself where a container takes it, else a plain one, unique without regard to case.

    Containers put names into environment variables and command lines: no `=`, no control characters, no dash in front. Vertex AI
    takes no white space.
    """
    taken = {key.lower() for key in keys if _fits(key)}
    names: dict[str, str] = {}
    for key in keys:
        if _fits(key):
            names[key] = key
            continue
        plain = re.sub(r"[^A-Za-z0-9]+", "_", key).strip("_")[: LONGEST - 16] or "parameter"
        plain = f"hp_{plain}" if _RESERVED.match(plain) else plain
        name, count = plain, 2
        while name.lower() in taken:
            name, count = f"{plain}_{count}", count + 1
        taken.add(name.lower())
        names[key] = name
    return names


def _fits(key: str) -> bool:
    if not 0 < len(key) <= LONGEST or key.split() != [key] or key.startswith("-") or "=" in key:
        return False
    return key.isprintable() and not _RESERVED.match(key)
