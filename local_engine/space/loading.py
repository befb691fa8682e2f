"""Runs a user's file up to its end, or to where it would search, and turns what goes wrong into words with a line."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType

from local_engine.errors import BuilderError, EngineError, FitAtImportError
from local_engine.space import frozen, installed, recording, standin
from local_engine.space.recording import FitReached, Recording, SearchReached
from local_engine.space.sources import closure
from local_engine.space.workspace import Workspace


@dataclass(frozen=True)
class Loaded:
    """A file that was run. `stopped_at` is the line whose `search` ended it, None where it ran to its end."""

    module: ModuleType
    files: tuple[Path, ...]
    recorded: Recording
    stopped_at: int | None


def run_file(file: Path, workspace: Workspace, *, name: str) -> Loaded:
    """Runs `file` as the module `name` inside `workspace`.

    Args:
        file: absolute.
        workspace: where its helper modules go.
        name: the module's name; `__main__` runs it as a script.

    Raises:
        BuilderError: it cannot be read, compiled or run to its end, with the line in the user's code.
        FitAtImportError: it trains a model.
    """
    try:
        source = frozen.source_of(file)
        code = compile(source, str(file), "exec", dont_inherit=True)
    except OSError as error:
        raise BuilderError(f"cannot read {file.name}: {error.strerror}", where=str(file)) from error
    except (SyntaxError, ValueError) as error:
        raise _compile_error(file, error) from error
    files = closure(file, workspace.folders)
    module = _new_module(file, name)
    stopped_at = None
    with _registered(module), recording.recording(workspace.owns) as recorded, _watched(workspace, files), workspace.active():
        try:
            exec(code, module.__dict__)
        except SearchReached:
            site = recorded.searches[0].site
            stopped_at = None if site is None else site.line
        except FitReached as error:
            raise _fit_error(file, workspace, error) from None
        except SystemExit as error:
            raise _error(f"importing {file.name} ends the process: sys.exit({error.code})", file, workspace, error) from error
        except EngineError as error:
            raise _error(error.message, file, workspace, error, hint=error.hint) from error
        except Exception as error:
            raise _error(f"importing {file.name} failed: {describe(error)}", file, workspace, error, hint=_hint(error)) from error
    found = [Path(str(own.__file__)).resolve() for own in workspace.modules().values() if getattr(own, "__file__", None)]
    return Loaded(module, tuple(dict.fromkeys([*files, *found])), recorded, stopped_at)


def describe(error: BaseException) -> str:
    """An exception in one line: its type, and what of its message says most."""
    text = str(error)
    # Keras puts the reason in bold behind a line that only says where.
    bold = re.search(r"\x1b\[1m(.+?)\x1b\[0m", text, re.DOTALL)
    lines = [line.strip() for line in (bold.group(1) if bold else text).splitlines() if line.strip()]
    name = type(error).__name__
    return f"{name}: {lines[0].removesuffix('.')}" if lines else name


def place_of(error: BaseException, workspace: Workspace) -> tuple[str, int] | None:
    """File and line of the last of the user's frames that `error` came through."""
    if isinstance(error, SyntaxError) and error.filename and workspace.owns(error.filename):
        return error.filename, error.lineno or 1
    return _last_own_frame(error.__traceback__, workspace)


def _last_own_frame(trace: TracebackType | None, workspace: Workspace) -> tuple[str, int] | None:
    own = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace) if workspace.owns(frame.f_code.co_filename)
    ]
    return own[-1] if own else None


def _new_module(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None  # a path that ends in anything is given a loader of source files below
    module = importlib.util.module_from_spec(spec)
    if name == "__main__":
        module.__spec__ = None
    return module


@contextmanager
def _registered(module: ModuleType) -> Iterator[None]:
    """`module` in `sys.modules`: under a name of its own for good (its classes are looked up there), `__main__` while it runs."""
    before, argv = sys.modules.get(module.__name__), sys.argv
    sys.modules[module.__name__] = module
    sys.argv = [str(module.__file__)]
    try:
        yield
    except BaseException:
        del sys.modules[module.__name__]
        raise
    finally:
        sys.argv = argv
        if before is not None:
            sys.modules[module.__name__] = before


@contextmanager
def _watched(workspace: Workspace, files: list[Path]) -> Iterator[None]:
    """Notices calls of Keras' `fit` and of an installed keras-tuner's tuners; imports for it only what the files mention."""
    text = b"".join(file.read_bytes() for file in files)
    with contextlib.ExitStack() as stack:
        if re.search(rb"\bkeras_?tuner\b", text) and not workspace.stand_in:
            module = installed.keras_tuner()
            if module is not None:
                stack.enter_context(installed.recorded(module))
            workspace.stand_in = module is None
        if re.search(rb"\b(keras|tensorflow)\b", text):
            stack.enter_context(_keras_watched())
        yield


@contextmanager
def _keras_watched() -> Iterator[None]:
    """`keras.Model.fit` ends the import, where Keras is installed; cached data sets do without the network."""
    try:
        import keras
    except ImportError:
        yield
        return
    from local_engine.space.downloads import kept_where_offline

    def fit(self: object, *args: object, **kwargs: object) -> None:
        recording.note_fit()

    before = vars(keras.Model).get("fit")
    keras.Model.fit = fit
    try:
        with kept_where_offline():
            yield
    finally:
        if before is None:
            del keras.Model.fit
        else:
            keras.Model.fit = before


def _compile_error(file: Path, error: SyntaxError | ValueError) -> BuilderError:
    line = error.lineno if isinstance(error, SyntaxError) else None
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    where = str(file) if line is None else f"{file}:{line}"
    return BuilderError(f"{file.name} is not Python: {message}", where=where, line=line)


def _fit_error(file: Path, workspace: Workspace, error: FitReached) -> FitAtImportError:
    place = place_of(error, workspace)
    where, line = (f"{place[0]}:{place[1]}", place[1]) if place else (str(file), None)
    return FitAtImportError(
        f"importing {file.name} trains a model, so every worker would train it again",
        hint='put what trains under `if __name__ == "__main__":`',
        where=where,
        line=line,
    )


def _error(message: str, file: Path, workspace: Workspace, error: BaseException, hint: str | None = None) -> BuilderError:
    place = place_of(error, workspace)
    if place is None:
        return BuilderError(message, hint=hint, where=str(file))
    return BuilderError(message, hint=hint, where=f"{place[0]}:{place[1]}", line=place[1])


def _hint(error: Exception) -> str | None:
    """The way out of what often goes wrong at import."""
    name = getattr(error, "name", None)
    if isinstance(error, ImportError) and name and name.partition(".")[0] in ("keras_tuner", "kerastuner"):
        return f"this part of keras-tuner has no stand-in: {standin.INSTALL}"
    if isinstance(error, ModuleNotFoundError) and name:
        return f"install {name.partition('.')[0]}, or put {name.partition('.')[0]}.py beside the file"
    if isinstance(error, FileNotFoundError):
        return f"relative paths are looked up in {Path.cwd()}; start from the file's folder, or build them from __file__"
    return None
