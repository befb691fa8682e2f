"""`check`: all mistakes of specs at once: what the files say, then the data, then the model once it is built."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.codes import FINDINGS
from cloud_nas.errors import CloudNasError, NotFoundError
from cloud_nas.operations._check_target import look_at_target
from cloud_nas.operations._engine import INSTALL, missing_parts
from cloud_nas.operations._prepare import load_model_function, load_rows
from cloud_nas.operations._runs import rows
from cloud_nas.spec import Diagnostic, LoadedSpec, diagnostic_for, read
from cloud_nas.targets import find
from local_engine.errors import BuilderError, DataError, EngineError, FitAtImportError
from local_engine.events import Note

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder

_OTHER_FINDING = "CN239"
_NOTE = "CN211"
_FIT_AT_IMPORT = "CN226"
_BUILDER = "CN227"
_NO_RUN = "CN601"


@dataclass(frozen=True)
class Checked:
    """What a check found. `notes` are about the check itself: what could not be looked at, and why."""

    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...] = ()
    loaded: tuple[LoadedSpec, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return all(diagnostic.severity != "error" for diagnostic in self.diagnostics)

    def to_json(self) -> dict[str, Any]:
        """The keys that `check --format json` promises."""
        return {"diagnostics": [diagnostic.to_json() for diagnostic in self.diagnostics]}


def check(
    paths: str | Path | Iterable[str | Path], *, build: bool = True, profile: str | None = None, on: str | None = None
) -> Checked:
    """Looks at specs.

    Args:
        paths: one spec's file, or several.
        build: also load the data and build the model once with its defaults, where the engine is installed.
        profile: a profile of the project's or the user's configuration.
        on: a target: also what it would refuse or do otherwise.

    Raises:
        UsageError: there is no such target.
    """
    if on is not None:
        find(on)
    files = [paths] if isinstance(paths, str | Path) else list(paths)
    missing = missing_parts() if build else ()
    found: list[Diagnostic] = []
    valid: list[LoadedSpec] = []
    for file in files:
        loaded, diagnostics = read(file, profile=profile)
        found += diagnostics
        if loaded is None:
            continue
        valid.append(loaded)
        found += look_for_run(loaded)
        if build and not missing:
            inside = look_inside(loaded)
            found += inside
            if on is not None and all(one.severity != "error" for one in inside):
                found += look_at_target(loaded, on)
    notes = (f"data and model were not looked at: {', '.join(missing)} not installed; {INSTALL}",) if missing else ()
    return Checked(tuple(found), notes, tuple(valid))


def look_for_run(loaded: LoadedSpec) -> list[Diagnostic]:
    """Whether this machine knows the run that the search is to begin from."""
    run_id = loaded.spec.search.warm_start
    try:
        if run_id is not None:
            rows(run_id)
    except NotFoundError as error:
        return [loaded.diagnostic(_NO_RUN, "search.warm_start", error.message, hint=error.hint)]
    return []


def look_inside(loaded: LoadedSpec) -> list[Diagnostic]:
    """Loads the data and builds the model once with its defaults; needs the engine."""
    notes: list[Note] = []
    try:
        with contextlib.redirect_stdout(sys.stderr):
            definition, data = load_rows(loaded, note=notes.append)
    except DataError as error:
        return [diagnostic_for(loaded, error)]
    except CloudNasError as error:  # a bucket that cannot be read is no mistake of the spec
        return [loaded.diagnostic(error.code or _NOTE, "data.source", error.message, hint=error.hint, severity="warning")]
    found = [_of_note(loaded, note) for note in notes]
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return found + look_at_model(loaded, load_model_function(definition, data), data)
    except EngineError as error:
        return [*found, _of_model(loaded, error)]


def look_at_model(loaded: LoadedSpec, builder: Builder, data: Dataset) -> list[Diagnostic]:
    """What building the model once with its defaults brings to light, as warnings at the spec's `space.model`."""
    from local_engine.training.inspection import inspect_model

    return [
        loaded.diagnostic(
            FINDINGS.get(finding.kind, _OTHER_FINDING), "space.model", finding.message, hint=finding.hint, severity="warning"
        )
        for finding in inspect_model(builder, data)
    ]


def _of_note(loaded: LoadedSpec, note: Note) -> Diagnostic:
    """What the data have to say, as a warning at the spec's source."""
    return loaded.diagnostic(note.code or _NOTE, "data.source", note.message, severity="warning")


def _of_model(loaded: LoadedSpec, error: EngineError) -> Diagnostic:
    """A mistake in the model's file, at its line there where it is known, else at the spec's `space.model`."""
    code = _FIT_AT_IMPORT if isinstance(error, FitAtImportError) else _BUILDER
    file, line = _place(error)
    if file is None or line is None:
        return loaded.diagnostic(code, "space.model", error.message, hint=error.hint)
    source = _line_of(file, line)
    column = len(source) - len(source.lstrip()) + 1 if source else 1
    return Diagnostic(code, "error", file, line, column, error.message, error.hint, source, max(1, len((source or "").strip())))


def _place(error: EngineError) -> tuple[str | None, int | None]:
    """The file and line that an error is about, from `where` (`path` or `path:line`) and `line`."""
    file, _, line = (error.where or "").rpartition(":")
    known = error.line if isinstance(error, BuilderError) else None
    if file and line.isdecimal():
        return file, known or int(line)
    return error.where, known


def _line_of(file: str, line: int) -> str | None:
    """One line of a file, as it stands there."""
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return lines[line - 1] if 0 < line <= len(lines) else None
