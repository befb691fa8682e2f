"""Runs a whole Keras Tuner script once, as far as `tuner.search(...)`, and returns what it handed over. Nothing is trained."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_engine.errors import BuilderError
from local_engine.space import losses, targets
from local_engine.space.captured import CapturedCallback, CapturedObjective, CapturedSearch, Lost
from local_engine.space.loading import Loaded, run_file
from local_engine.space.recording import Call, Recording
from local_engine.space.workspace import Workspace

__all__ = ["CapturedCallback", "CapturedObjective", "CapturedSearch", "Lost", "capture"]

_STRATEGIES = {"RandomSearch": "random", "GridSearch": "grid", "BayesianOptimization": "bayesian", "Hyperband": "hyperband"}

_OWN_FIELDS = ("x", "y", "validation_data", "validation_split", "epochs", "batch_size", "callbacks")


def capture(script: Path) -> CapturedSearch:
    """Runs `script` as `python script` would, up to its first search.

    Its tuners write down what they are given, whether keras-tuner is installed or not; no file of theirs is made.

    Raises:
        BuilderError: there is no such script, it fails, or it ends without a search.
        FitAtImportError: it trains a model before it searches.
    """
    script = script.resolve()
    workspace = Workspace(script.parent)
    loaded = run_file(script, workspace, name="__main__")
    if not loaded.recorded.searches:
        raise BuilderError(
            f"{script.name} ended without a search",
            hint="a script that calls tuner.search(...) is wanted; name a file with a builder alone under space.model",
            where=str(script),
        )
    return _captured(script, loaded, workspace)


def _captured(script: Path, loaded: Loaded, workspace: Workspace) -> CapturedSearch:
    search = loaded.recorded.searches[0]
    tuner = _tuner_of(search, loaded.recorded)
    oracle = next((call for call in loaded.recorded.oracles if call.made is tuner.arguments.get("oracle")), None)
    given = {**(oracle.arguments if oracle else {}), **tuner.arguments}
    options = {name: value for name, value in given.items() if name not in ("hypermodel", "objective", "oracle")}
    line, search_line = _line(tuner), _line(search)
    names = vars(loaded.module)
    builder, instance, lost = _name_of(given.get("hypermodel"), names, line)
    callbacks, unread = _callbacks(search.arguments.get("callbacks") or (), names, script, workspace, search_line)
    other = {name: value for name, value in search.arguments.items() if name not in _OWN_FIELDS}
    data = {name: search.arguments.get(name) for name in ("x", "y", "validation_data")}
    lost += losses.of_tuner(tuner)
    lost += losses.of_oracle(oracle) if oracle else ()
    lost += losses.of_options(options, line)
    for name, value in data.items():
        lost += losses.of_data(name, value, search_line)
    lost += [*losses.of_arguments(other, search_line), *unread]
    arrays = {name: value if losses.is_arrays(value) else None for name, value in data.items()}
    plain = {name: search.arguments.get(name) for name in ("validation_split", "epochs", "batch_size")}
    return CapturedSearch(
        script=script,
        builder=builder,
        instance=instance,
        tuner=tuner.kind,
        strategy=_strategy(tuner, oracle),
        options=options,
        objectives=_objectives(given.get("objective")),
        callbacks=callbacks,
        other=other,
        tuner_line=line,
        search_line=search_line,
        lost=tuple(lost),
        files=loaded.files,
        **arrays,
        **plain,
    )


def _line(call: Call) -> int | None:
    return None if call.site is None else call.site.line


def _tuner_of(search: Call, recorded: Recording) -> Call:
    """The making of the tuner that searches; of one whose own constructor hides it, only its class is known."""
    made = next((call for call in recorded.tuners if call.made is search.made), None)
    return made or Call(type(search.made).__name__, search.made, {}, None)


def _strategy(tuner: Call, oracle: Call | None) -> str | None:
    """Our strategy that does what this tuner, or its oracle, does."""
    if oracle is not None and type(oracle.made).__name__ != oracle.kind:
        return None
    name = tuner.kind if oracle is None else oracle.kind.removesuffix("Oracle")
    return _STRATEGIES.get(name)


def _objectives(given: Any) -> tuple[CapturedObjective, ...]:
    """Strings and Objectives, one or a list of them."""
    if given is None:
        return ()
    listed = given if isinstance(given, list | tuple) else [given]
    return tuple(
        CapturedObjective(item) if isinstance(item, str) else CapturedObjective(str(item.name), item.direction) for item in listed
    )


def _name_of(found: Any, names: Mapping[str, Any], line: int | None) -> tuple[str | None, bool, list[Lost]]:
    """The name under which a spec finds this hypermodel again, whether that is an instance, and what is lost by it."""
    for name, value in names.items():
        if value is found and found is not None:
            return name, not isinstance(found, type) and callable(getattr(found, "build", None)), []
    if inspect.ismethod(found):
        holder, _, lost = _name_of(found.__self__, names, line)
        return (None if holder is None else f"{holder}.{found.__name__}"), False, lost
    kind = type(found)
    if names.get(kind.__name__) is kind:
        # A HyperModel's own name says nothing; one that is not tunable would be made tunable.
        parameters = [name for name in inspect.signature(kind).parameters if name not in ("name", "tunable")]
        tunable = getattr(found, "tunable", True)
        if not parameters and tunable:
            return kind.__name__, False, []
        if targets.are_of_shape(parameters) and tunable:
            why = "it is made with the data's own shape and classes, not with the script's arguments"
            return kind.__name__, False, [Lost(line, kind.__name__, why)]
    if found is None:
        return None, False, [Lost(line, "hypermodel", "the tuner is given none, so there is no builder to name")]
    what = getattr(found, "__name__", kind.__name__)
    return None, False, [Lost(line, what, "a spec can only name what stands at the top of the file; put it there")]


def _callbacks(
    given: Any, names: Mapping[str, Any], script: Path, workspace: Workspace, line: int | None
) -> tuple[tuple[CapturedCallback, ...], list[Lost]]:
    """The callbacks that can be named and made again, and the others."""
    read: list[CapturedCallback] = []
    lost: list[Lost] = []
    for callback in given if isinstance(given, list | tuple) else [given]:
        kind = type(callback)
        name = _callback_name(kind, names, script, workspace)
        options, unread = _options_of(callback)
        if name is None:
            lost.append(Lost(line, kind.__name__, "a spec can only name a callback that stands at the top of a file"))
        elif unread:
            why = f"its {', '.join(unread)} cannot be written in a spec"
            lost.append(Lost(line, kind.__name__, why))
        else:
            read.append(CapturedCallback(name, options))
    return tuple(read), lost


def _callback_name(kind: type, names: Mapping[str, Any], script: Path, workspace: Workspace) -> str | None:
    """The name under which a spec finds this class: one of Keras', or `file.py:Class`."""
    if kind.__module__.partition(".")[0] in ("keras", "tensorflow"):
        return kind.__name__
    if names.get(kind.__name__) is kind and kind.__module__ == "__main__":
        return f"{script.name}:{kind.__name__}"
    module = workspace.modules().get(kind.__module__)
    if module is None or getattr(module, kind.__name__, None) is not kind:
        return None
    return f"{Path(str(module.__file__)).relative_to(script.parent).as_posix()}:{kind.__name__}"


def _options_of(callback: Any) -> tuple[dict[str, Any], list[str]]:
    """The constructor's arguments that differ from their defaults, and the names of those that cannot be read back or written."""
    options: dict[str, Any] = {}
    unread: list[str] = []
    for parameter in _named_parameters(type(callback)):
        value = getattr(callback, parameter.name, getattr(callback, f"_{parameter.name}", parameter.default))
        if parameter.name == "verbose":
            continue
        if parameter.name == "min_delta" and isinstance(value, int | float):
            value = abs(value)
        if value is parameter.empty or not _is_plain(value):
            unread.append(parameter.name)
        elif parameter.default is parameter.empty or value != parameter.default:
            options[parameter.name] = value
    return options, unread


def _named_parameters(kind: type) -> Iterator[inspect.Parameter]:
    """The constructor's parameters that have a name of their own."""
    for parameter in inspect.signature(kind).parameters.values():
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield parameter


def _is_plain(value: Any) -> bool:
    """Whether a spec can hold `value`."""
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, str | int | float | bool)
