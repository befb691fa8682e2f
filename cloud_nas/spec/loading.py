"""From a file to a spec: read, merge, validate, check, fill in the defaults that depend on other values."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from cloud_nas.errors import SpecError
from cloud_nas.spec import canonical, metrics, paths
from cloud_nas.spec.checks import Check, check_code, check_objective, check_search, check_split, check_train
from cloud_nas.spec.checks_data import check_data
from cloud_nas.spec.checks_model import check_callbacks, check_model
from cloud_nas.spec.checks_places import check_places
from cloud_nas.spec.config import find_config, profile_problem
from cloud_nas.spec.datafile import has_own_test_part
from cloud_nas.spec.diagnostics import Diagnostic, Severity, in_order
from cloud_nas.spec.layers import Layer, Merged, Origin, merge
from cloud_nas.spec.model import Spec
from cloud_nas.spec.problems import Findings, validate
from cloud_nas.spec.secrets import find_secrets, without_secrets
from cloud_nas.spec.single_values import environment_layers, flag_layers
from cloud_nas.spec.source import read_source
from cloud_nas.spec.yaml import Document, Path, read_yaml
from local_engine.strategies.options import resolve

DEFAULT_TEST = 0.1
"""The share held out where neither the spec nor the source says."""

_CHECKS = (
    check_objective, check_split, check_search, check_train, check_code, check_data, check_model, check_callbacks, check_places,
)  # fmt: skip


@dataclass(frozen=True)
class LoadedSpec:
    """A valid spec, whole: every default filled in, every value's origin known.

    `origins` has the dotted key of every value (`data.split.seed`). `warnings` are for the user to read; none stops a run.
    """

    spec: Spec
    path: FilePath
    origins: Mapping[str, Origin]
    warnings: tuple[Diagnostic, ...] = ()
    merged: Merged = field(repr=False, kw_only=True)

    @property
    def folder(self) -> FilePath:
        """The folder that the spec's paths are relative to, absolute."""
        return self.path.parent

    @property
    def values(self) -> dict[str, Any]:
        """Every value by its dotted key, in the spec's order; the keys are those of `origins`."""
        return canonical.flat(self.spec)

    @cached_property
    def sha256(self) -> str:
        """The sha256 of the canonical spec."""
        return canonical.sha256(self.spec)

    @cached_property
    def identity(self) -> str:
        """The sha256 of the canonical spec less budget, name and targets: what makes two specs the same search."""
        return canonical.identity(self.spec)

    def position(self, dotted: str) -> tuple[int, int]:
        """Line and column, from 1, of a value in the spec's file; of what stands nearest above it where it is not in the file."""
        spot = self.merged.spec.locate(_path_of(dotted), False)
        return spot.line, spot.column

    def diagnostic(
        self, code: str, dotted: str, message: str, *, hint: str | None = None, severity: Severity = "error"
    ) -> Diagnostic:
        """A mistake at a value of this spec that only a look at the data or the model could find."""
        return without_secrets(self.merged.diagnostic(code, _path_of(dotted), message, hint=hint, severity=severity))


def load(path: str | os.PathLike[str], *, profile: str | None = None, overrides: Mapping[str, Any] | None = None) -> LoadedSpec:
    """The spec in a file.

    Args:
        path: the file.
        profile: a profile of the project's or the user's configuration; `CLOUD_NAS_PROFILE` by default.
        overrides: dotted keys to values, as flags give them (`{"budget.trials": 5}`); those that are None do not count.

    Raises:
        SpecError: it is not valid; carries all its mistakes.
    """
    loaded, diagnostics = read(path, profile=profile, overrides=overrides)
    if loaded is None:
        raise SpecError(diagnostics)
    return loaded


def read(
    path: str | os.PathLike[str], *, profile: str | None = None, overrides: Mapping[str, Any] | None = None
) -> tuple[LoadedSpec | None, list[Diagnostic]]:
    """As `load`, without raising: the spec where it is valid, and all mistakes and warnings in the file's order."""
    source = read_source(FilePath(path))
    if isinstance(source, Diagnostic):
        return None, [without_secrets(source)]
    found = list(find_secrets(source))
    document = read_yaml(source)
    problems = found + document.problems
    if not isinstance(document.value, dict):
        return None, _finished(problems + ([] if document.problems else [_not_a_mapping(document)]))
    folder = FilePath(path).absolute().parent
    layers, spec_layer, more = _layers(document, folder, profile, overrides or {})
    findings = Findings(merge(layers, spec_layer), problems + more)
    spec = validate(findings)
    for check in _CHECKS:
        check(Check(spec, folder, findings))
    diagnostics = _finished(findings.diagnostics)
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        return None, diagnostics
    spec = _resolved(spec, FilePath(path), folder)
    origins = {dotted: _origin(findings.merged, dotted) for dotted in canonical.flat(spec)}
    return LoadedSpec(spec, FilePath(path).absolute(), origins, tuple(diagnostics), merged=findings.merged), diagnostics


def _layers(
    document: Document, folder: FilePath, profile: str | None, overrides: Mapping[str, Any]
) -> tuple[list[Layer], Layer, list[Diagnostic]]:
    """All layers, the first wins; the spec's own; and what is wrong with the configuration files."""
    spec = Layer("spec", document.value, document.source, document.locate)
    files = find_config(folder)
    problems = [problem for file in files for problem in file.problems]
    layers = [*flag_layers(overrides), *environment_layers(os.environ), spec]
    chosen = profile or os.environ.get("CLOUD_NAS_PROFILE")
    if chosen:
        found = [layer for file in files if (layer := file.layer(chosen)) is not None]
        layers += found
        if not found and not problems:
            problems.append(profile_problem(chosen, files))
    layers += [layer for file in files if (layer := file.places()) is not None]
    return layers, spec, problems


def _not_a_mapping(document: Document) -> Diagnostic:
    if document.value is None:
        return document.source.diagnostic("CN106", "the spec is empty", hint="`cloud-nas init` writes a starter spec")
    spot = document.spot(())
    what = "a list" if isinstance(document.value, list) else "a single value"
    hint = "it begins with keys such as `task:` and `data:`"
    return document.source.diagnostic("CN106", f"a spec is a mapping, not {what}", line=spot.line, column=spot.column, hint=hint)


def _resolved(spec: Spec, path: FilePath, folder: FilePath) -> Spec:
    """The spec with the defaults that depend on the file's name, the task, the source and the strategy."""
    metric = metrics.plain_name(spec.objective.metric or metrics.default_metric(spec.task))
    known = metrics.METRICS.get(metric)
    goal = spec.objective.goal or (known.goal if known else None)
    objective = spec.objective.model_copy(update={"metric": metric, "goal": goal})
    split = spec.data.split
    if split.test is None and not _source_may_be_divided(spec, folder):
        split = split.model_copy(update={"test": DEFAULT_TEST})
    data = spec.data.model_copy(update={"split": split})
    search = spec.search.model_copy(update=resolve(spec.search.strategy, spec.search.model_extra or {}))
    name = spec.name or _name_of(path)
    return spec.model_copy(update={"name": name, "objective": objective, "data": data, "search": search})


def _source_may_be_divided(spec: Spec, folder: FilePath) -> bool:
    """Whether the source has a test part of its own; what is in a bucket shows it when it is read."""
    source = spec.data.source
    if paths.is_elsewhere(source):
        return source.startswith(paths.BUCKETS)
    return has_own_test_part(paths.resolve(source, folder))


def _name_of(path: FilePath) -> str:
    """The file's stem, made of a name's characters."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:63] or "search"


def _origin(merged: Merged, dotted: str) -> Origin:
    owner = merged.owners.get(tuple(dotted.split(".")))
    return owner.origin if owner else "default"


def _path_of(dotted: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in dotted.split(".") if part)


def _finished(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return in_order(without_secrets(diagnostic) for diagnostic in diagnostics)
