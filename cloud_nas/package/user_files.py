"""The user's files that travel, by the names they travel under. What looks like a secret does not travel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import RefusedError, UsageError
from cloud_nas.spec.secrets import secrets_in

_SECRET_FILES = re.compile(
    r"\.env(\..+)?|.+\.env|\.netrc|\.pgpass|\.git-credentials|\.pypirc|\.npmrc|id_(rsa|dsa|ecdsa|ed25519)|credentials(\.json)?|.+\.(pem|p12|pfx|key)",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(r"\.env\.(example|sample|template)", re.IGNORECASE)


@dataclass(frozen=True)
class UserFiles:
    """Files by their names in the folder of the user's code (POSIX, ascending); `names` has them by their absolute path."""

    contents: Mapping[str, bytes]
    names: Mapping[Path, str]

    def name_of(self, path: Path) -> str:
        """What a file is called where it arrives."""
        return self.names[path.resolve()]


def collect(found: Iterable[tuple[Path, bytes | None]], folders: Iterable[Path]) -> UserFiles:
    """The files, each named relative to the first of `folders` that it lies in, else by its name alone.

    Args:
        found: a file, and its content where it was read before.
        folders: where imports start from: the spec's folder, the model's.

    Raises:
        RefusedError: a file is, or holds, what looks like a secret.
        UsageError: two different files would have one name.
    """
    bases = list(dict.fromkeys(base for folder in folders for base in (folder.absolute(), folder.resolve())))
    contents: dict[str, bytes] = {}
    names: dict[Path, str] = {}
    for path, known in found:
        name = next((path.relative_to(base).as_posix() for base in bases if path.is_relative_to(base)), path.name)
        content = path.read_bytes() if known is None else known
        _refuse_secrets(path, content)
        if contents.setdefault(name, content) != content:
            hint = "put the spec, the model's file and what is included into one folder"
            raise UsageError(f"two files would travel as {name}", hint=hint, code="CN241", where=str(path))
        names.setdefault(path.resolve(), name)
    return UserFiles({name: contents[name] for name in sorted(contents)}, names)


def _refuse_secrets(path: Path, content: bytes) -> None:
    for what in _secrets(path, content):
        raise RefusedError(
            f"{path.name} is among the code that travels, and {what}",
            hint="take it out, or out of `code: {include: ...}`; the clouds' own credential files and variables are read",
            code="CN240",
            where=str(path),
        )


def _secrets(path: Path, content: bytes) -> Iterator[str]:
    if _SECRET_FILES.fullmatch(path.name) and not _EXAMPLES.fullmatch(path.name):
        yield "files of that name hold secrets"
    if b"\0" not in content[:8192]:
        found = secrets_in(content.decode("utf-8", errors="replace"))
        yield from (f"line {line} looks like {what}" for line, what in found)
