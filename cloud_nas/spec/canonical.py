"""One writing of a spec, whatever the order of its keys, its comments and quotes; and what two specs of one search share."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cloud_nas.spec.model import Spec
from cloud_nas.spec.places import Targets, Vertex

NOT_IDENTITY = ("budget", "name", "targets")
"""What may differ between two runs of the same search: how far it goes, what it is called, where."""

CAME_LATER: dict[tuple[str, str], Any] = {
    ("search", "asynchronous"): False,
    ("search", "warm_start"): None,
    ("train", "time"): None,
    ("budget", "cost"): None,
    ("targets", "vertex"): Vertex().model_dump(mode="json"),
}
"""Keys that the first version did not have, and their defaults. Whoever brings a key with a default adds it here, so that a spec
without it stays the same spec, and its run the same run, after an upgrade."""


_SECTIONS_CAME_LATER: dict[str, Any] = {"targets": Targets().model_dump(mode="json")}
"""Likewise whole sections."""


def plain(spec: Spec) -> dict[str, Any]:
    """Every value of the spec, defaults too, as plain data; durations in seconds."""
    return spec.model_dump(mode="json")


def canonical_json(spec: Spec) -> str:
    """JSON with sorted keys and no spaces; without the keys that came later where they hold their defaults."""
    return _text(_as_ever(plain(spec)))


def sha256(spec: Spec) -> str:
    """Of the canonical JSON, as hexadecimal."""
    return hashlib.sha256(canonical_json(spec).encode()).hexdigest()


def identity(spec: Spec) -> str:
    """The sha256 of the canonical JSON less budget, name and targets."""
    shared = {key: value for key, value in _as_ever(plain(spec)).items() if key not in NOT_IDENTITY}
    return hashlib.sha256(_text(shared).encode()).hexdigest()


def flat(spec: Spec) -> dict[str, Any]:
    """Every value by its dotted key, in the spec's order; lists and free mappings are one value."""
    found: dict[str, Any] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict) and (value or not path):
            for key, item in value.items():
                walk(item, f"{path}.{key}" if path else key)
        else:
            found[path] = value

    walk(plain(spec), "")
    return found


def _as_ever(values: dict[str, Any]) -> dict[str, Any]:
    """`values` less the keys that came later and hold their defaults."""
    kept = {name: value for name, value in values.items() if value != _SECTIONS_CAME_LATER.get(name, ...)}
    for (section, key), default in CAME_LATER.items():
        if section in kept and values[section].get(key, default) == default:
            kept[section] = {name: value for name, value in kept[section].items() if name != key}
    return kept


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
