"""Flags, the environment, the spec, the project's and the user's configuration: merged, and each value's origin kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.source import Source
from cloud_nas.spec.yaml import Path, Spot

Origin = Literal["flag", "environment", "spec", "project", "user", "default"]


@dataclass(frozen=True)
class Layer:
    """Values from one place, as a tree. `locate(path, key)` finds a value, or its key, in the text of `source`.

    A loaded spec travels to other processes, so `locate` is something that can be pickled.
    """

    origin: Origin
    values: Mapping[str, Any]
    source: Source
    locate: Callable[[Path, bool], Spot]


@dataclass
class Merged:
    """One tree out of all layers. `owners` has the layer of every value and of every mapping, by path."""

    spec: Layer
    tree: dict[str, Any] = field(default_factory=dict)
    owners: dict[Path, Layer] = field(default_factory=dict)

    def owner(self, path: Path) -> Layer:
        """The layer that says something at `path` or nearest above it; the spec where none does."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.owners:
                return self.owners[path[:end]]
        return self.spec

    def diagnostic(
        self,
        code: str,
        path: Path,
        message: str,
        *,
        hint: str | None = None,
        key: bool = False,
        severity: Literal["error", "warning"] = "error",
    ) -> Diagnostic:
        """A mistake at a value (or at its key), wherever that value came from."""
        layer = self.owner(path)
        spot = layer.locate(path, key)
        return Diagnostic(
            code, severity, layer.source.file, spot.line, spot.column, message, hint, layer.source.line(spot.line), spot.length
        )


def merge(layers: Sequence[Layer], spec: Layer) -> Merged:
    """Merges the layers; earlier ones win. Mappings are merged key by key, all else is replaced whole."""
    merged = Merged(spec)
    for layer in reversed(layers):
        _without_other_options(merged, layer)
        _lay(merged, merged.tree, layer.values, (), layer)
    return merged


def _lay(merged: Merged, tree: dict[str, Any], values: Mapping[str, Any], path: Path, layer: Layer) -> None:
    for name, value in values.items():
        place = (*path, name)
        merged.owners[place] = layer
        if isinstance(value, dict):
            below = tree.get(name)
            if not isinstance(below, dict):
                below = tree[name] = {}
            _lay(merged, below, value, place, layer)
        else:
            tree[name] = value
            _forget_below(merged, place)


def _forget_below(merged: Merged, path: Path) -> None:
    for known in [known for known in merged.owners if len(known) > len(path) and known[: len(path)] == path]:
        del merged.owners[known]


def _without_other_options(merged: Merged, layer: Layer) -> None:
    """A layer that names another strategy leaves nothing of the options meant for the one below; the seed stays."""
    above, below = layer.values.get("search"), merged.tree.get("search")
    if not isinstance(above, dict) or not isinstance(below, dict) or "strategy" not in above:
        return
    if below.get("strategy") != above["strategy"]:
        merged.tree["search"] = {name: value for name, value in below.items() if name == "seed"}
        for name in set(below) - {"seed"}:
            merged.owners.pop(("search", name), None)
