"""What strategies there are and what options each takes, as data.

The spec validates and documents from these tables, so this module imports neither Optuna nor NumPy.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_engine.errors import StrategyError

DEFAULT_TRIALS = 30
"""How many configurations a search makes where neither the strategy nor a budget says."""


@dataclass(frozen=True)
class Option:
    """One option of a strategy.

    Args:
        name: as in the spec under `search:`, and as a keyword of `Study`.
        type: `int`, `float`, `bool` or `str`; an int is taken for a float, a bool never for an int.
        default: the value where it is not given.
        doc: one line, without a full stop.
        minimum: the least value allowed, or None.
        maximum: the greatest value allowed, or None.
        choices: the values allowed, or () where the type alone decides.
    """

    name: str
    type: type
    default: Any
    doc: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()


OPTIONS: Mapping[str, tuple[Option, ...]] = {
    "grid": (),
    "random": (),
    "bayesian": (
        Option("surrogate", str, "tpe", "what models the objective: tpe, or gp (needs the extra `gp`)", choices=("tpe", "gp")),
        Option("startup_trials", int, 10, "how many trials are random before the surrogate proposes", minimum=1),
    ),
    "hyperband": (
        Option("factor", int, 3, "a rung keeps one in `factor` of its trials and trains them `factor` times as long", minimum=2),
        Option("iterations", int, 1, "how many times all brackets are run", minimum=1),
        Option("asynchronous", bool, False, "promote as soon as one can, never wait for a rung"),
    ),
}
"""Strategy name -> its options. The names here are the strategies of this version."""

LEARNING = frozenset({"bayesian"})
"""The strategies that learn from results, and so can begin from those of another run."""

_ONE_PASS = frozenset({"grid", "hyperband"})


def default_trials(strategy: str) -> int | None:
    """How many configurations a search without a budget makes; None where the strategy ends by itself.

    Raises:
        StrategyError: there is no such strategy.
    """
    require(strategy)
    return None if strategy in _ONE_PASS else DEFAULT_TRIALS


def require(strategy: str) -> None:
    """Passes where `strategy` exists.

    Raises:
        StrategyError: it does not; the hint names the nearest.
    """
    if strategy not in OPTIONS:
        raise StrategyError(f"no strategy {strategy!r}", hint=suggest(strategy, OPTIONS))


def resolve(strategy: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """All options of `strategy`: those given, checked, and the defaults of the others.

    Raises:
        StrategyError: no such strategy, no such option, or a value of the wrong type or out of bounds.
    """
    require(strategy)
    return resolve_with(OPTIONS[strategy], options, owner=f"strategy {strategy}")


def resolve_with(table: Iterable[Option], options: Mapping[str, Any], *, owner: str) -> dict[str, Any]:
    """As `resolve`, for a table of one's own; `owner` begins the messages.

    Raises:
        StrategyError: no such option, or a value of the wrong type or out of bounds.
    """
    known = {option.name: option for option in table}
    for name in options:
        if name not in known:
            hint = suggest(name, known) if known else "it takes no options"
            raise StrategyError(f"{owner} has no option {name!r}", hint=hint)
    return {name: _checked(option, options[name], owner) if name in options else option.default for name, option in known.items()}


def suggest(name: str, known: Iterable[str]) -> str:
    """A hint: the name that was probably meant, else all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"


def _checked(option: Option, value: Any, owner: str) -> Any:
    """`value`, if `option` allows it."""
    if option.type is float and type(value) is int:
        value = float(value)
    given: Any = value
    kind: Any = type(given)
    if kind is not option.type or given != given:
        wanted = {int: "an integer", float: "a number", bool: "true or false", str: "a word"}[option.type]
        raise StrategyError(f"{owner}: {option.name} must be {wanted}, not {value!r}")
    if option.choices and given not in option.choices:
        raise StrategyError(f"{owner}: {option.name} cannot be {given!r}", hint=suggest(str(given), map(str, option.choices)))
    if option.minimum is not None and given < option.minimum:
        raise StrategyError(f"{owner}: {option.name} must be at least {option.minimum}, not {given!r}")
    if option.maximum is not None and given > option.maximum:
        raise StrategyError(f"{owner}: {option.name} must be at most {option.maximum}, not {given!r}")
    return given
