"""`schema`: the spec's JSON Schema as text, for editors."""

from __future__ import annotations

import json
from pathlib import Path

from cloud_nas.errors import RefusedError
from cloud_nas.spec import schema
from local_engine.files import write_bytes


def schema_text() -> str:
    """The JSON Schema, indented, with a newline at its end."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema(path: Path) -> None:
    """Writes it to `path`, in place of what stands there.

    Raises:
        RefusedError: the file cannot be written.
    """
    try:
        write_bytes(path, schema_text().encode())
    except OSError as error:
        raise RefusedError(f"cannot write {path}: {error.strerror}") from error
