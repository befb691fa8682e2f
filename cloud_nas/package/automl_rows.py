"""Rows as a service's own AutoML takes them: tables and texts as CSV with a header, images as PNG in a folder a class.

    train/         the rows that train
    validation/    the rows that choose
    names.json     what columns and classes are called in them, where that differs from the data

The held-out rows are not among them. They are written apart, without their labels, when a service is to score them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.package.automl_names import Names, columns, folders
from cloud_nas.package.cells import cells_of
from cloud_nas.package.png import images_of, write_png
from local_engine.errors import DataError
from local_engine.files import replacing, write_json

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part

NAMES = "names.json"
TABLE = "rows.csv"


def write(dataset: Dataset, folder: Path, target: str | None) -> None:
    """Writes training and validation rows into `folder`.

    Args:
        dataset: images, a table or texts.
        folder: made where it is not there.
        target: the target's column, where the data have one.

    Raises:
        DataError: rows of this kind are nothing that AutoML takes.
    """
    names = names_of(dataset, target)
    kinds = folders(dataset.classes or ())
    for part, name in ((dataset.train, "train"), (dataset.validation, "validation")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        if dataset.inputs.kind == "image":
            _write_images(part, folder / name, [kinds[one] for one in dataset.classes or ()])
        else:
            _write_table(part, folder / name / TABLE, names, dataset.classes)
    write_json(folder / NAMES, {"columns": names.columns, "target": names.target, "classes": kinds})


def write_unlabelled(part: Part, folder: Path) -> tuple[Path, ...]:
    """Writes rows as a service is to score them: no header, no target, in the part's order. Gives the files, in that order."""
    folder.mkdir(parents=True, exist_ok=True)
    if part.inputs.kind == "image":
        return tuple(write_png(folder / f"{number:08}.png", pixels) for number, pixels in enumerate(images_of(part)))
    with _csv(folder / TABLE) as writer:
        writer.writerows(cells_of(part))
    return (folder / TABLE,)


def names_of(dataset: Dataset, target: str | None) -> Names:
    """What the columns are called.

    Raises:
        DataError: rows of this kind are nothing that AutoML takes.
    """
    if dataset.inputs.kind == "array":
        raise DataError(
            "rows that are arrays are neither images, tables nor texts, so a service's AutoML cannot take them",
            field="data.source",
        )
    return columns([column.name for column in dataset.inputs.columns], target)


def _write_table(part: Part, path: Path, names: Names, classes: tuple[str, ...] | None) -> None:
    assert part.labels is not None
    labels: Iterable[Any] = part.labels.tolist() if classes is None else (classes[code] for code in part.labels)
    with _csv(path) as writer:
        writer.writerow([*names.columns.values(), names.target])
        writer.writerows([*cells, label] for cells, label in zip(cells_of(part), labels, strict=True))


@contextmanager
def _csv(path: Path) -> Iterator[Any]:
    """What writes rows into the file `path`, which is there once the block has ended."""
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield csv.writer(text, lineterminator="\n")
        text.detach()


def _write_images(part: Part, folder: Path, kinds: list[str]) -> None:
    assert part.labels is not None
    for kind in kinds:
        (folder / kind).mkdir(exist_ok=True)
    for number, (pixels, code) in enumerate(zip(images_of(part), part.labels, strict=True)):
        write_png(folder / kinds[code] / f"{number:08}.png", pixels)
