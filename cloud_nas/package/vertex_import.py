"""The file that says which images a data set of Vertex AI's takes, by where they are uploaded to, and their labels."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.package.cache import key_of, made
from cloud_nas.package.parcel import Parcel
from cloud_nas.package.vertex_rows import IMAGES
from local_engine.files import replacing

IMPORT = "import.csv"


def pack(rows: Parcel, uri: str) -> Parcel:
    """The parcel with the import file alone, written into the cache unless it is there.

    Args:
        rows: images in AutoML's form.
        uri: the folder that they are uploaded to, with a slash at its end.
    """

    def write(folder: Path) -> None:
        with (rows.folder / IMAGES).open(encoding="utf-8") as images, replacing(folder / IMPORT) as file:
            file.writelines(f"{uri}{line}".encode() for line in images)

    return made("rows", key_of({"form": "import", "rows": rows.sha256, "uri": uri}), write)
