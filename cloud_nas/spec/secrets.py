"""Key-like text: a spec travels to clouds and into reports, so a secret in one is refused, and never repeated in a message."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.source import Source

_KINDS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "an AWS secret key": r"(?i:aws_?secret_?access_?key|aws_session_token)[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9/+=]{30,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "a GitHub token": r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{40,})",
    "a Hugging Face token": r"\bhf_[0-9A-Za-z]{30,}\b",
    "a Slack token": r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}",
    "a secret key": r"\bsk[-_](?:[a-z]+[-_])*[0-9A-Za-z]{24,}",
    "a token": r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]+",
    "a password in an address": r"(?<=://)[^\s/:@\"']+:[^\s/@\"']+(?=@)",
}
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in _KINDS.values()))
_HINT = "take it out, and replace it if anybody has seen the file; the clouds' own credential files and variables are read"


def find_secrets(source: Source) -> Iterator[Diagnostic]:
    """One error for each piece of key-like text, comments included, without the text."""
    for number, line in enumerate(source.lines, 1):
        for what, column in _in_line(line):
            message = f"this looks like {what}, and a spec is no place for it"
            yield Diagnostic("CN115", "error", source.file, number, column, message, _HINT)


def secrets_in(text: str) -> Iterator[tuple[int, str]]:
    """The line, from 1, and the kind of each piece of key-like text in a file that is to travel."""
    for number, line in enumerate(text.split("\n"), 1):
        yield from ((number, what) for what, _ in _in_line(line))


def without_secrets(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic, with key-like text in its words replaced, and without its line where there is some in it."""
    source = diagnostic.source
    return dataclasses.replace(
        diagnostic,
        message=_ANY.sub("***", diagnostic.message),
        hint=_ANY.sub("***", diagnostic.hint) if diagnostic.hint else None,
        source=None if source is not None and _ANY.search(source) else source,
    )


def _in_line(line: str) -> Iterator[tuple[str, int]]:
    """The kind of each piece of key-like text in a line, and its column from 1."""
    if _ANY.search(line):
        for what, pattern in _KINDS.items():
            yield from ((what, found.start() + 1) for found in re.finditer(pattern, line))
