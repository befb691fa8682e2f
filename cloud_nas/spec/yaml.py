"""YAML text to plain values, with the line and column of every key and value.

Reads the parser's events and builds values itself, so that nothing but mappings, lists and the scalars of YAML's core schema can
come out, and so that depth and size are bounded before they cost anything. Keys are always text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.source import Source

Path = tuple[str | int, ...]
"""Keys and list indices from the top."""

_DEEPEST = 40
_MOST_VALUES = 20_000
_CORE_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
_INT = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}


@dataclass(frozen=True)
class Spot:
    """A place in the text, from 1, and how many characters it takes on its line."""

    line: int
    column: int
    length: int = 1


@dataclass
class Document:
    """What a YAML text says. `value` is None where it could not be read; `problems` say why, or what was passed over."""

    source: Source
    value: Any = None
    keys: dict[Path, Spot] = field(default_factory=dict)
    values: dict[Path, Spot] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def spot(self, path: Path, *, key: bool = False) -> Spot:
        """Where the value (or its key) stands; the nearest parent's key where it is not in the text."""
        found = (self.keys.get(path) if key else None) or self.values.get(path)
        if found is not None:
            return found
        for end in range(len(path) - 1, 0, -1):
            if path[:end] in self.keys or path[:end] in self.values:
                return self.keys.get(path[:end]) or self.values[path[:end]]
        return self.values.get((), Spot(1, 1))

    def locate(self, path: Path, key: bool) -> Spot:
        """As `spot`; what a layer of the spec asks (`layers.Layer`)."""
        return self.spot(path, key=key)


class _Refused(Exception):
    """The reading ends here."""

    def __init__(self, code: str, message: str, hint: str, mark: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.mark = code, message, hint, mark


def read_yaml(source: Source) -> Document:
    """Reads one YAML document. Never raises: what is wrong is in `problems`, at its place."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    document = Document(source)
    try:
        events = YAML(typ="safe", pure=True).parse(source.text)
        _Reader(document, events).read()
    except _Refused as refused:
        line, column = (refused.mark.line + 1, refused.mark.column + 1) if refused.mark else (1, 1)
        document.problems.append(source.diagnostic(refused.code, refused.message, line=line, column=column, hint=refused.hint))
    except MarkedYAMLError as error:
        document.problems.append(_syntax(source, error))
    except ReaderError as error:
        line, column = _place(source.text, error.position)
        message = f"not YAML: the character U+{ord(source.text[error.position]):04X} cannot stand in it"
        document.problems.append(source.diagnostic("CN103", message, line=line, column=column, hint="take it out"))
    except (YAMLError, ValueError, OverflowError, IndexError, AttributeError, TypeError, AssertionError, RecursionError) as error:
        # The parser trips over some malformed escapes with exceptions of Python's own.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        document.problems.append(source.diagnostic("CN103", f"not YAML: {reason}", hint="look for broken escapes"))
    return document


def _place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of a character."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _syntax(source: Source, error: Any) -> Diagnostic:
    """The parser's complaint, at its place, with a way out for the common ones."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    message = str(error.problem or error.context or "cannot be read").split("\n")[0]
    text = source.line(line) or ""
    hint = "check the indentation and the colons around this line"
    if "\\t" in message or "\t" in text[: len(text) - len(text.lstrip())]:
        hint = "YAML is indented with spaces, never with tabs"
    elif "mapping values are not allowed" in message:
        hint = "put the value in quotes if it contains a colon, or check the indentation"
    elif "expected ',' or" in message:
        hint = "a bracket or a brace is not closed, or a comma is missing"
    elif "cannot start any token" in message:
        hint = "put the value in quotes"
    return source.diagnostic("CN103", f"not YAML: {message}", line=line, column=column, hint=hint)


class _Reader:
    """Builds values from events, and notes where each key and value stands."""

    def __init__(self, document: Document, events: Any) -> None:
        self.document = document
        self.events = iter(events)
        self.count = 0

    def read(self) -> None:
        for event in self.events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent" and self.document.values:
                raise _Refused(
                    "CN107", "the file holds more than one YAML document", "keep what stands before `---`", event.start_mark
                )
            if kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent"):
                self.document.value = self.value(event, (), 0)

    def value(self, event: Any, path: Path, depth: int) -> Any:
        self.count += 1
        if self.count > _MOST_VALUES:
            raise _Refused(
                "CN107", f"more than {_MOST_VALUES:,} values", "a spec is short; is this another file?", event.start_mark
            )
        if depth > _DEEPEST:
            raise _Refused(
                "CN107", f"nested more than {_DEEPEST} deep", "a spec is flat; is this another file?", event.start_mark
            )
        kind = type(event).__name__
        if kind == "AliasEvent":
            raise _Refused("CN107", f"an alias (*{event.anchor}) is not read in a spec", "write the value out", event.start_mark)
        if event.anchor is not None:
            raise _Refused(
                "CN107", f"an anchor (&{event.anchor}) is not read in a spec", "write each value out", event.start_mark
            )
        if event.tag is not None and str(event.tag) not in _CORE_TAGS:
            raise _Refused("CN107", f"the tag {event.tag} is not read in a spec", "leave the tag out", event.start_mark)
        self.document.values[path] = _spot(event)
        if kind == "MappingStartEvent":
            return self.mapping(path, depth)
        if kind == "SequenceStartEvent":
            return self.sequence(path, depth)
        return _scalar(event)

    def mapping(self, path: Path, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while type(key := next(self.events)).__name__ != "MappingEndEvent":
            if type(key).__name__ != "ScalarEvent":
                raise _Refused(
                    "CN107", "a key is a single word", "put braces or a star in quotes, or leave them out", key.start_mark
                )
            name, spot = str(key.value), _spot(key)
            event = next(self.events)
            if name in values:
                self.duplicate(name, spot, self.document.keys[(*path, name)])
                self.skip(event, (*path, name), depth)
                continue
            self.document.keys[(*path, name)] = spot
            values[name] = self.value(event, (*path, name), depth + 1)
            if values[name] is None and event.end_mark.index == event.start_mark.index:
                # The parser puts a value that is not there at the beginning of what follows.
                self.document.values[(*path, name)] = spot
        return values

    def sequence(self, path: Path, depth: int) -> list[Any]:
        values: list[Any] = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            values.append(self.value(event, (*path, len(values)), depth + 1))
        return values

    def skip(self, event: Any, path: Path, depth: int) -> None:
        """Reads a value without keeping it: the first of two with one key counts."""
        kept = self.document
        self.document = Document(kept.source, problems=kept.problems)
        self.value(event, path, depth + 1)
        self.document = kept

    def duplicate(self, name: str, spot: Spot, first: Spot) -> None:
        self.document.problems.append(
            self.document.source.diagnostic(
                "CN105",
                f'"{name}" stands twice, first on line {first.line}',
                line=spot.line,
                column=spot.column,
                hint="keep one of the two",
                length=spot.length,
            )
        )


def _spot(event: Any) -> Spot:
    start, end = event.start_mark, event.end_mark
    same = type(event).__name__ == "ScalarEvent" and end.line == start.line
    return Spot(start.line + 1, start.column + 1, max(1, end.column - start.column) if same else 1)


def _scalar(event: Any) -> Any:
    """A scalar of YAML 1.2's core schema: `yes`, dates and quoted numbers are text."""
    text = str(event.value)
    tag = str(event.tag) if event.tag is not None else None
    plain = event.tag is None and event.implicit[0]
    if tag in (None, "tag:yaml.org,2002:str") and not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
