"""The spec's file as text: found, readable, not too large, UTF-8; what is wrong with it otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cloud_nas.spec.diagnostics import Diagnostic

LARGEST = 1_000_000
"""Bytes. A spec is written by a person; what is larger is another file, or an attack."""


@dataclass(frozen=True)
class Source:
    """A text file and its name as the user wrote it."""

    file: str
    text: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, file: str, text: str) -> Source:
        """Splits as editors do: at line feeds and carriage returns, never at other characters that Unicode calls line ends."""
        return cls(file, text, tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))

    def line(self, number: int) -> str | None:
        """The line with this number, from 1."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None

    def diagnostic(
        self, code: str, message: str, *, line: int = 1, column: int = 1, hint: str | None = None, length: int = 1
    ) -> Diagnostic:
        """An error at a place in this file."""
        return Diagnostic(code, "error", self.file, line, column, message, hint, self.line(line), length)


def read_source(path: Path, *, kind: str = "spec") -> Source | Diagnostic:
    """The file's text, or what is wrong with it; a byte order mark is dropped."""
    file = str(path)

    def refused(code: str, message: str, hint: str, line: int = 1, column: int = 1) -> Diagnostic:
        return Diagnostic(code, "error", file, line, column, message, hint)

    try:
        if path.is_dir():
            return refused("CN102", f"{file} is a folder", f"give the {kind}'s file, such as {path / 'spec.yaml'}")
        if path.exists() and not path.is_file():
            return refused("CN102", f"{file} is not a regular file", "save its content to a file first")
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError:
        return refused("CN101", f"there is no file {file}", "`cloud-nas init` writes a starter spec")
    except PermissionError:
        return refused("CN102", f"{file} cannot be read: no permission", f'run `chmod u+r "{file}"`, or ask its owner')
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return refused("CN102", f"{file} cannot be read: {reason}", "check the path")
    if len(content) > LARGEST:
        return refused("CN102", f"{file} is larger than 1 MB", f"is it the {kind}, or the data?")
    if b"\0" in content:
        return refused(
            "CN102",
            f"{file} is not a text file",
            f"is it the {kind}, or the data or model?",
            *_place(content, content.index(b"\0")),
        )
    try:
        return Source.of(file, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return refused("CN102", f"{file} is not UTF-8", "save it as UTF-8", *_place(content, error.start))


def _place(content: bytes, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte."""
    before = content[:offset]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", errors="replace")) + 1
