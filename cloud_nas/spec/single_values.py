"""Values given one by one: on the command line by dotted key, and in the environment by variable.

A variable has two underscores for each level: `CLOUD_NAS__BUDGET__TRIALS=3`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.spec.layers import Layer
from cloud_nas.spec.source import Source
from cloud_nas.spec.yaml import Path, Spot, read_yaml

_VARIABLE = "CLOUD_NAS__"


def environment_layers(environment: Mapping[str, str]) -> Iterator[Layer]:
    """One layer for each variable `CLOUD_NAS__SECTION__KEY`; values are read as YAML has them."""
    for variable in sorted(environment):
        if not variable.startswith(_VARIABLE):
            continue
        path = tuple(part.lower() for part in variable.removeprefix(_VARIABLE).split("__"))
        document = read_yaml(Source.of(f"${variable}", environment[variable]))
        value = environment[variable] if document.problems else document.value
        yield Layer("environment", nested(path, value), document.source, _start)


def flag_layers(overrides: Mapping[str, Any]) -> Iterator[Layer]:
    """One layer for each dotted key; those that are None were not given."""
    for dotted, value in overrides.items():
        if value is not None:
            yield Layer("flag", nested(tuple(dotted.split(".")), value), Source.of(f"flag {dotted}", ""), _start)


def _start(path: Path, key: bool) -> Spot:
    """A single value has one place."""
    return Spot(1, 1)


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """`value` under mappings, one a name."""
    for name in reversed(path):
        value = {name: value}
    return value if isinstance(value, dict) else {}
