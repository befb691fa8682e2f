"""Validates a tree of values against the spec's types, says every mistake in the user's words, and always yields a whole spec.

What was wrong is taken out and its default put in its place, so that the checks that follow can look at all the rest; `bad` has
the places they must not speak of.
"""

from __future__ import annotations

import copy
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from cloud_nas.spec import later
from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.fields import shown
from cloud_nas.spec.layers import Merged
from cloud_nas.spec.model import Spec
from cloud_nas.spec.suggest import did_you_mean
from cloud_nas.spec.yaml import Path

_PLACEHOLDERS: dict[Path, Any] = {
    ("task",): "image-classification",
    ("data",): {"source": "builtin:digits"},
    ("data", "source"): "builtin:digits",
    ("space",): {"model": "model.py:build"},
    ("space", "model"): "model.py:build",
}
_ENTRIES: dict[Path, Any] = {
    ("train", "callbacks"): "TerminateOnNaN",
    ("code", "include"): ".",
    ("code", "requirements"): "pip",
}
"""What stands in for a broken entry of a list, so that the others keep their places."""
_ABSENT_HINTS: dict[Path, str] = {
    ("task",): "image-classification, tabular-classification, tabular-regression or text-classification",
    ("data",): "name the rows: `data: {source: FILE}`",
    ("data", "source"): "name the rows: a file, a folder, or builtin:digits",
    ("space",): "name the model: `space: {model: model.py:function}`",
    ("space", "model"): "name the model: `model: model.py:function`",
}
_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}


@dataclass
class Findings:
    """What was found so far, and where the tree is not to be trusted."""

    merged: Merged
    diagnostics: list[Diagnostic] = field(default_factory=list)
    bad: set[Path] = field(default_factory=set)

    def error(self, code: str, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> None:
        """Notes a mistake; what stands at `path` is not to be trusted from here on."""
        self.diagnostics.append(self.merged.diagnostic(code, path, message, hint=hint, key=key))
        self.bad.add(path)

    def warning(self, code: str, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> None:
        """Notes what is allowed and probably not meant."""
        self.diagnostics.append(self.merged.diagnostic(code, path, message, hint=hint, key=key, severity="warning"))

    def ok(self, *paths: Path) -> bool:
        """Whether nothing is known to be wrong at these places or above them."""
        return not any(path[:end] in self.bad for path in paths for end in range(1, len(path) + 1))


def validate(findings: Findings) -> Spec:
    """The spec, with a default or a stand-in wherever `findings` now names a mistake."""
    tree = copy.deepcopy(findings.merged.tree)
    refuse_later(tree, findings)
    for _ in range(20):
        try:
            return Spec.model_validate(tree)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                path = tuple(one["loc"])
                if findings.ok(path):
                    _report(one, path, findings)
                _mend(tree, path)
    return Spec.model_validate({name: _PLACEHOLDERS[(name,)] for name in ("task", "data", "space")})


def refuse_later(tree: dict[str, Any], findings: Findings) -> None:
    """Takes out of `tree` what this version does not have, and says so."""
    _refuse_second_space(tree, findings)
    for path, what in later.KEYS.items():
        section = _at(tree, path[:-1])
        if isinstance(section, dict) and path[-1] in section:
            del section[path[-1]]
            _later(findings, path, f'"{path[-1]}" ({what})', key=True)
            if path[0] == "space":
                findings.bad.add(("space", "model"))
    for path, values in later.VALUES.items():
        value = _at(tree, path)
        if isinstance(value, str) and value in values:
            _later(findings, path, values[value])
            _mend(tree, path)
    for path, what in later.LISTS.items():
        if isinstance(_at(tree, path), list):
            _later(findings, path, what)
            _mend(tree, path)


def _refuse_second_space(tree: dict[str, Any], findings: Findings) -> None:
    """Keeps one kind of space, the model where there is one; each other is a mistake."""
    space = tree.get("space")
    known = ["model", *(path[1] for path in later.KEYS if path[0] == "space")]
    kinds = [kind for kind in known if isinstance(space, dict) and kind in space]
    for extra in kinds[1:]:
        findings.error(
            "CN121", ("space", extra), f"two spaces at once: {kinds[0]} and {extra}", f"keep one, such as {kinds[0]}", key=True
        )
        del tree["space"][extra]


def _later(findings: Findings, path: Path, what: str, *, key: bool = False) -> None:
    findings.error(
        "CN112", path, f"{what} is not in this version", later.INSTEAD.get(typing.cast(Any, path), "leave it out"), key=key
    )


def _report(error: Any, path: Path, findings: Findings) -> None:
    kind, context, value = error["type"], error.get("ctx") or {}, error.get("input")
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "it")
    if isinstance(path[-1], int):
        name = f"an entry of {name}"
    if kind == "spec":
        findings.error(context["code"], path, context["message"], context.get("hint"))
    elif kind == "extra_forbidden":
        _unknown(path, findings)
    elif kind == "missing":
        code, message = ("CN120", "there is no space to search") if path[0] == "space" else ("CN111", f'"{name}" is missing')
        findings.error(code, path, message, _ABSENT_HINTS.get(path))
    elif kind == "literal_error":
        _not_one_of(path, name, value, findings)
    elif kind in _WANTED:
        findings.error("CN108", path, f"{name} is {_WANTED[kind]}, not {shown(value)}", _type_hint(kind, value))
    elif kind == "string_pattern_mismatch" and path == ("name",):
        hint = "letters, digits, - and _, at most 63, the first a letter or a digit; it names folders and remote jobs"
        findings.error("CN116", path, f"not a name: {shown(value)}", hint)
    elif kind == "string_pattern_mismatch":
        findings.error("CN109", path, f"{name} is empty")
    elif path == ("version",):
        findings.error("CN109", path, f"version is 1, not {shown(value)}", "a later version needs a newer cloud-nas")
    else:
        findings.error("CN109", path, f"{name} is {_range(kind, context)}, not {shown(value)}")


def _range(kind: str, context: dict[str, Any]) -> str:
    words = {
        "greater_than": ("gt", "more than"),
        "greater_than_equal": ("ge", "at least"),
        "less_than": ("lt", "less than"),
        "less_than_equal": ("le", "at most"),
    }
    if kind in words:
        key, word = words[kind]
        return f"{word} {context[key]:g}" if isinstance(context[key], float) else f"{word} {context[key]}"
    return "a finite number" if kind == "finite_number" else "something else"


def _type_hint(kind: str, value: Any) -> str | None:
    if isinstance(value, str):
        if kind in ("int_type", "float_type") and value.strip().lstrip("+-").replace(".", "", 1).isdecimal():
            return "leave the quotes out"
        if kind == "bool_type" and value.lower() in ("yes", "no", "on", "off", "y", "n", "true", "false"):
            return f"write {'true' if value.lower() in ('yes', 'on', 'y', 'true') else 'false'}"
        if kind in ("model_type", "model_attributes_type"):
            return "its keys go on the lines below, indented, or in braces"
    if kind == "string_type" and isinstance(value, (int, float)):
        return "put it in quotes"
    if kind == "list_type":
        return "put it in brackets: [a, b]"
    if value is None:
        return "leave the key out, or give it a value"
    return None


def _not_one_of(path: Path, name: str, value: Any, findings: Findings) -> None:
    choices = [str(choice) for choice in _choices(path)]
    if isinstance(value, str):
        hint = did_you_mean(value, choices, what=f"{name} can be")
    else:
        hint = f"{name} can be {', '.join(choices)}"
    findings.error("CN110", path, f"{name} cannot be {shown(value)}", hint)


def _unknown(path: Path, findings: Findings) -> None:
    section = model_at(path[:-1])
    names = list(section.model_fields) if section else []
    where = f" in {path[-2]}" if len(path) > 1 else ""
    home = next((f"{outer}.{path[-1]}" for outer, inner in _sections() if path[-1] in inner.model_fields), None)
    hint = did_you_mean(str(path[-1]), names, what="the keys here are")
    if home and not (hint or "").startswith("did you mean"):
        hint = f"did you mean {home}?"
    findings.error("CN104", path, f'unknown key "{path[-1]}"{where}', hint, key=True)


def _sections() -> list[tuple[str, type[BaseModel]]]:
    return [(name, model) for name in Spec.model_fields if (model := model_at((name,)))]


def model_at(path: Path) -> type[BaseModel] | None:
    """The section's type at a path of keys, None where there is none."""
    model: type[BaseModel] = Spec
    for name in path:
        info = model.model_fields.get(str(name))
        kinds = _kinds(info.annotation) if info else []
        below = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not below:
            return None
        model = below[0]
    return model


def _choices(path: Path) -> tuple[Any, ...]:
    section = model_at(path[:-1])
    info = section.model_fields.get(str(path[-1])) if section else None
    for kind in _kinds(info.annotation) if info else []:
        if typing.get_origin(kind) is Literal:
            return typing.get_args(kind)
    return ()


def _kinds(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return list(typing.get_args(annotation))
    return [annotation]


def _at(tree: Any, path: Path) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _mend(tree: dict[str, Any], path: Path) -> None:
    """Puts a stand-in at `path`, or takes the value out so that its default counts."""
    for end in range(1, len(path)):
        below = _at(tree, path[:end])
        if isinstance(below, list) and path[:end] in _ENTRIES:
            below[int(path[end])] = _ENTRIES[path[:end]]
            return
        if not isinstance(below, dict):
            path = path[:end]
            break
    section = _at(tree, path[:-1])
    if path in _PLACEHOLDERS:
        section[path[-1]] = copy.deepcopy(_PLACEHOLDERS[path])
    else:
        section.pop(path[-1], None)
