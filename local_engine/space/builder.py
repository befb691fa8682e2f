"""A user's Keras Tuner function, loaded: what turns hyperparameters into a model, where it came from and which files it needs."""

from __future__ import annotations

import functools
import hashlib
import inspect
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.definition import Definition, ModelSpace
from local_engine.errors import BuilderError, EngineError, TrialError
from local_engine.space import frozen, loading, targets
from local_engine.space.targets import DataShape, Target
from local_engine.space.workspace import Workspace

if TYPE_CHECKING:
    from local_engine.data import Dataset

__all__ = ["Builder", "DataShape", "builder_of", "load_builder"]

_numbers = itertools.count(1)


def load_builder(space: ModelSpace, *, shape: DataShape | None = None, root: Path | None = None) -> Builder:
    """Imports the user's file and finds the space in it.

    The file runs as a module of a private name, with its folder first on the path, so `if __name__ == "__main__":` does not fire.
    `tuner.search(...)` ends it. Relative paths in it mean what they mean in a script: they start at the working directory.

    Args:
        space: the file, absolute, and the name in it: a function, class or instance, dotted where it is inside another.
        shape: of the data, for a HyperModel (or a function) that takes `input_shape` or `num_classes` and that the file does not
            call itself. Only `build` needs it.
        root: a folder above the file that its imports may start from too.

    Raises:
        BuilderError: the file cannot be imported, or the name is not there; with the line, and a hint where there is one.
        FitAtImportError: importing it trains a model.
    """
    if space.file is None:
        raise BuilderError(f"{space.name!r} was handed over in the process and is in no file")
    file = Path(space.file).resolve()
    if not file.is_file():
        raise BuilderError(f"no such file: {file.name}", where=str(file))
    folders = [file.parent, *([root.resolve()] if root is not None else [])]
    workspace = Workspace(*folders)
    loaded = loading.run_file(file, workspace, name=f"_cloud_nas_user_{next(_numbers)}_{file.stem}")
    names = vars(loaded.module)
    try:
        found = targets.find(names, space.name, module=loaded.module.__name__)
        targets.check(found, space.name)
    except BuilderError as error:
        raise _placed(error, file, loaded.stopped_at) from None
    base = next((folder for folder in reversed(folders) if file.is_relative_to(folder)), file.parent)
    return Builder(
        found,
        space.name,
        workspace=workspace,
        shape=shape,
        names=names,
        files=loaded.files,
        base=base,
        stopped_at=loaded.stopped_at,
    )


def builder_of(definition: Definition, data: Dataset) -> Builder:
    """The builder that a definition names, for these data.

    Raises:
        BuilderError: as `load_builder`.
    """
    root = None if definition.code.root is None else Path(definition.code.root)
    return load_builder(definition.space, shape=DataShape(data.input_shape, data.num_classes), root=root)


class Builder:
    """What builds the models of one space. Made by `load_builder` or `Builder.of`.

    Attributes:
        name: what the spec calls it, or the function's own name.
        files: the model's file first, then the modules that it imports from its own folder; empty for a function handed over.
        stopped_at: the line of the `search(...)` that ended the import, or None.
        contents: of each of `files`, as it was imported.
    """

    def __init__(
        self,
        found: Any,
        name: str,
        *,
        workspace: Workspace,
        shape: DataShape | None = None,
        names: Mapping[str, Any] | None = None,
        files: tuple[Path, ...] = (),
        base: Path | None = None,
        stopped_at: int | None = None,
    ) -> None:
        self.name = name
        self.files = files
        self.stopped_at = stopped_at
        self._found = found
        self._shape = shape
        self._names = names or {}
        self._workspace = workspace
        # Read now, so that the hash is of the code that was imported, whatever happens to the files later.
        self.contents = {file: frozen.source_of(file) for file in files}
        self._base = base

    @classmethod
    def of(cls, found: Any, *, shape: DataShape | None = None) -> Builder:
        """The builder of a function or HyperModel that is already in this process.

        Raises:
            BuilderError: it is neither.
        """
        if isinstance(found, Builder):
            return found
        name = getattr(found, "__name__", None) or type(found).__name__
        targets.check(found, name)
        return cls(found, name, workspace=Workspace(*_folder_of(found)), shape=shape)

    def build(self, hp: Any) -> Any:
        """The model of the hyperparameters in `hp`: a Keras model or a scikit-learn estimator.

        Raises:
            TrialError: the user's function failed; `where` is the line.
            BuilderError: it takes what nobody gives, or returned no model.
        """
        model = self._called(self._target.build, hp)
        if isinstance(model, type) or not callable(getattr(model, "fit", None)) or not callable(getattr(model, "predict", None)):
            raise self._no_model(model)
        return model

    def declare(self, hp: Any) -> None:
        """What the user's HyperModel declares before its first build; nothing for a function.

        Raises:
            TrialError: as `build`.
        """
        if self._target.declare is not None:
            self._called(self._target.declare, hp)

    @functools.cached_property
    def fit(self) -> Callable[..., Any] | None:
        """`fit(hp, model, *args, **kwargs)` where the user's HyperModel overrides it, else None."""
        own = targets.overridden_fit(self._found)
        if own is None:
            return None

        @functools.wraps(own)  # so that a caller can see which keywords the user's code knows
        def fit(hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
            with self._workspace.active():
                assert self._target.fit is not None
                return self._target.fit(hp, model, *args, **kwargs)

        return fit

    def sha256(self) -> str:
        """The sha256 over name and content of each file, in order of the names; of the source, for a function handed over."""
        digest = hashlib.sha256()
        named = [(_relative(file, self._base), content) for file, content in self.contents.items()]
        for name, content in sorted(named or [(self.name, _source_of(self._found))]):
            for part in (name.encode(), content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    @functools.cached_property
    def _target(self) -> Target:
        # Not before it is needed: a class that takes the data's shape can be found in its file without data.
        with self._workspace.active():
            return targets.resolve(self._found, self.name, self._shape, self._names)

    def _called(self, function: Callable[[Any], Any], hp: Any) -> Any:
        """What the user's function returns; its failure as a TrialError."""
        with self._workspace.active():
            try:
                return function(hp)
            except EngineError:
                raise
            except (Exception, SystemExit) as error:
                place = loading.place_of(error, self._workspace)
                where = None if place is None else f"{place[0]}:{place[1]}"
                raise TrialError(loading.describe(error), where=where) from error

    def _no_model(self, returned: Any) -> BuilderError:
        hint = "end it with `return model`" if returned is None else "return a compiled Keras model, or a scikit-learn estimator"
        what = "None" if returned is None else f"{type(returned).__name__}: {str(returned)[:60]}"
        where = f"{self.files[0]}:{line}" if self.files and (line := _line_of(self._found)) else None
        return BuilderError(f"{self.name!r} returned {what}, not a model", hint=hint, where=where)


def _placed(error: BuilderError, file: Path, stopped_at: int | None) -> BuilderError:
    """The same error with its file, and with what the import did not reach."""
    hint = error.hint
    if stopped_at is not None and hint is not None and not hint.startswith("did you mean"):
        hint = f"{hint}; what comes after search() on line {stopped_at} is not imported"
    return BuilderError(error.message.replace("the file", file.name), hint=hint, where=str(file))


def _relative(file: Path, base: Path | None) -> str:
    """The file's name as it travels: relative to `base`, with slashes."""
    return file.relative_to(base).as_posix() if base is not None and file.is_relative_to(base) else file.name


def _folder_of(found: Any) -> list[Path]:
    """The folder of the file that a function came from; none for one typed into a session."""
    kind = found if isinstance(found, type) or inspect.isfunction(found) else type(found)
    try:
        file = Path(inspect.getfile(kind))
    except (TypeError, OSError):
        return []
    return [file.resolve().parent] if file.is_file() else []


def _source_of(found: Any) -> bytes:
    """The source of a function or of an instance's class; its compiled form where there is no source."""
    wrapped = found.func if isinstance(found, functools.partial) else found
    kind = wrapped if isinstance(wrapped, type) or inspect.isroutine(wrapped) else type(wrapped)
    bound = repr((found.args, found.keywords)).encode() if isinstance(found, functools.partial) else b""
    try:
        return inspect.getsource(kind).encode() + bound
    except (OSError, TypeError):
        code = getattr(kind, "__code__", None)
        return (
            code.co_code + repr((code.co_names, code.co_varnames)).encode() if code is not None else repr(kind).encode()
        ) + bound


def _line_of(found: Any) -> int | None:
    """The line on which a function, or an instance's class, begins."""
    kind = found if isinstance(found, type) or inspect.isroutine(found) else type(found)
    try:
        return inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        return None
