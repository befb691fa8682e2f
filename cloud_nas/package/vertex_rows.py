"""Rows as Vertex AI's AutoML takes them: a table as one CSV, images as PNG with a list of their labels.

    rows.csv       a table: a header, then the rows that train and the rows that choose; strings in quotes, numbers without
    images/        images, one file each; `images.csv` has the label of each
    names.json     what columns and classes are called in them

The service divides these rows itself, and trains its last model on all of them: so the held-out rows are not among them. They are
written apart, without their labels, when the service is to score them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.package import automl_names
from cloud_nas.package.automl_rows import NAMES, TABLE, names_of
from cloud_nas.package.cells import cells_of
from cloud_nas.package.png import images_of, write_png
from local_engine.files import replacing, write_json

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part

IMAGES = "images.csv"
"""Each image's path in the parcel, and its label."""

FOLDER = "images"

ROW = "cloud_nas_row"
"""The column that tells the answers to rows apart: their order is not promised."""


def write(dataset: Dataset, folder: Path, target: str | None) -> None:
    """Writes training and validation rows into `folder`.

    Args:
        dataset: images, a table or texts.
        folder: is there.
        target: the target's column, where the data have one.

    Raises:
        DataError: rows of this kind are nothing that AutoML takes.
    """
    names, labels = names_of(dataset, target), automl_names.labels(dataset.classes or ())
    is_image = dataset.inputs.kind == "image"
    if is_image:
        _write_images(dataset, folder, labels)
    else:
        _write_table(dataset, folder / TABLE, names)
    write_json(folder / NAMES, {"columns": names.columns, "target": names.target, "classes": labels if is_image else {}})


def write_unlabelled(part: Part, folder: Path, target: str | None) -> None:
    """Writes rows as the service is to score them: a table with the number of each row in its first column, without the target.

    Args:
        part: the rows.
        folder: made where it is not there.
        target: the target's column, as for the rows that trained: names are made unique together with it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if part.inputs.kind == "image":
        for number, pixels in enumerate(images_of(part)):
            write_png(folder / f"{number:08}.png", pixels)
        return
    quoted = _quoted(part)
    sent = automl_names.columns([column.name for column in part.inputs.columns], target).columns
    rows = (f"{number},{_line(cells, quoted)}" for number, cells in enumerate(cells_of(part)))
    row = ROW
    while row in sent.values():
        row = f"{row}x"
    _write_lines(folder / TABLE, itertools.chain([",".join((row, *sent.values()))], rows))


def _write_table(dataset: Dataset, path: Path, names: automl_names.Names) -> None:
    quoted = [*_quoted(dataset.train), dataset.classes is not None]
    rows = (
        _line([*cells, label], quoted)
        for part in (dataset.train, dataset.validation)
        for cells, label in zip(cells_of(part), _labels(part, dataset.classes), strict=True)
    )
    _write_lines(path, itertools.chain([",".join((*names.columns.values(), names.target))], rows))


def _write_images(dataset: Dataset, folder: Path, labels: dict[str, str]) -> None:
    (folder / FOLDER).mkdir()
    parts = (dataset.train, dataset.validation)
    told = itertools.chain.from_iterable(_labels(part, dataset.classes) for part in parts)
    images = itertools.chain.from_iterable(images_of(part) for part in parts)

    def lines() -> Iterator[str]:
        for number, (pixels, label) in enumerate(zip(images, told, strict=True)):
            path = f"{FOLDER}/{number:08}.png"
            write_png(folder / path, pixels)
            yield f"{path},{labels.get(label, label)}"

    _write_lines(folder / IMAGES, lines())


def _labels(part: Part, classes: tuple[str, ...] | None) -> Iterable[Any]:
    """The answer of each row: the class by name, or the number as text."""
    assert part.labels is not None
    return map(str, part.labels.tolist()) if classes is None else (classes[code] for code in part.labels)


def _quoted(part: Part) -> list[bool]:
    """Which columns hold strings; a boolean is one, since it is a category there."""
    return [column.is_string or column.kind == "boolean" for column in part.inputs.columns]


def _line(cells: Sequence[str], quoted: Sequence[bool]) -> str:
    """A line of CSV. What is missing is nothing at all, quoted or not."""
    return ",".join(
        '"' + cell.replace('"', '""') + '"' if is_string and cell else cell for cell, is_string in zip(cells, quoted, strict=True)
    )


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with replacing(path) as file:
        file.writelines(f"{line}\n".encode() for line in lines)
