"""Spaces with conditions, as hypothesis makes them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int

_NAMES = ("p", "q", "r/s", "two words", "t=u")


@st.composite
def spaces(draw: st.DrawFn, *, wild: bool = True, twins: bool = True) -> Space:
    """Up to seven parameters, many under values of earlier ones, some with the name of another.

    `wild`: with conditions on several that do not stand under each other, on real numbers, and without those of the parents.
    `twins`: with names that several have.
    """
    found: list[HyperParameter] = []
    for number in range(draw(st.integers(1, 6))):
        taken = () if twins else {one.name for one in found}
        name = draw(st.sampled_from([*(one for one in _NAMES if one not in taken), f"n{number}"]))
        conditions: list[Parent] = []
        for _ in range(draw(st.integers(0, 2 if wild else 1))):
            kinds = (Float, Fixed) if not wild else ()
            parents = [one for one in found if one.name != name and not isinstance(one, kinds)]
            if parents:
                parent = draw(st.sampled_from(parents))
                some = draw(st.lists(st.sampled_from(list(parent.values)[:4]), min_size=1, max_size=2, unique=True))
                above: list[Any] = [] if wild and draw(st.booleans()) else list(parent.conditions)
                conditions += [*above, Parent(parent.name, some)]
        if any(condition.name == name for condition in conditions):
            conditions = []
        found.append(draw(_parameters(name, conditions)))
    return Space((*found, Int("always", 1, 3)))


def _parameters(name: str, under: list[Parent]) -> st.SearchStrategy[HyperParameter]:
    low, high = st.integers(1, 9), st.integers(10, 30)
    scale = st.sampled_from(["linear", "log", "reverse_log"])
    return st.one_of(
        st.builds(lambda a, b, s: Int(name, a, b, sampling=s, conditions=under), low, high, scale),
        st.builds(lambda a, b, s: Int(name, a, b, step=3, sampling=s, conditions=under), low, high, scale),
        st.builds(lambda a, b, s: Float(name, a / 100, b / 100, sampling=s, conditions=under), low, high, scale),
        st.builds(lambda a, b, s: Float(name, a / 10, b, step=1.5, sampling=s, conditions=under), low, high, scale),
        st.builds(lambda a: Float(name, a, a + 1.1, step=0.001, conditions=under), low),
        st.just(Boolean(name, conditions=under)),
        st.builds(lambda values: Choice(name, values, conditions=under), st.permutations([1, 2, 8])),
        st.builds(lambda values: Choice(name, values, conditions=under), st.permutations([0.1, 0.25, 3.0])),
        st.just(Choice(name, ["a", "b", "two words"], conditions=under)),
        st.builds(lambda a: Fixed(name, a, conditions=under), low),
    )
