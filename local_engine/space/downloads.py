"""Data sets in Keras' cache when there is no network: what lies there is used, and said.

Keras checks the hash of a cached file, downloads it again where it is not the published one, and deletes it when that fails. A
user who put the file there by hand, on a machine without a network, would lose it and get an error about a server.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def kept_where_offline() -> Iterator[None]:
    """Inside, a cached file that cannot be downloaded again is taken as it is, with a line on stderr."""
    from keras.src.utils import file_utils

    download, validate = file_utils.urlretrieve, file_utils.validate_file
    taken: set[str] = set()

    def urlretrieve(url: str, filename: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return download(url, filename, *args, **kwargs)
        except Exception as error:
            if not Path(filename).is_file():
                raise
            taken.add(str(filename))
            print(f"note: {url} cannot be reached ({error}); {filename} is used as it is", file=sys.stderr)  # noqa: T201
            return filename, None

    def validate_file(path: Any, *args: Any, **kwargs: Any) -> bool:
        return str(path) in taken or bool(validate(path, *args, **kwargs))

    file_utils.urlretrieve, file_utils.validate_file = urlretrieve, validate_file
    try:
        yield
    finally:
        file_utils.urlretrieve, file_utils.validate_file = download, validate
