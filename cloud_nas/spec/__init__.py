"""The file a user writes: types, reading with positions, JSON Schema, where values come from. Knows no cloud, runs no code."""

from __future__ import annotations

from cloud_nas.errors import SpecError
from cloud_nas.spec.compile import definition_of
from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.engine_errors import diagnostic_for
from cloud_nas.spec.loading import LoadedSpec, load, read
from cloud_nas.spec.model import Spec
from cloud_nas.spec.schema import schema

__all__ = ["Diagnostic", "LoadedSpec", "Spec", "SpecError", "definition_of", "diagnostic_for", "load", "read", "schema"]
