"""Folders of images: a subfolder a class, sorted by name; or `train/` and `test/` with such subfolders in each.

To predict on, a folder of images without classes, or a single image, will do: its rows are named after their files.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from local_engine.data import memory
from local_engine.data.inputs import Array, Inputs, Raw
from local_engine.data.sources.base import MemorySource, Opened, Request, Source
from local_engine.data.sources.decoding import common_inputs, decode
from local_engine.data.sources.headers import Header, read_header
from local_engine.data.target import Target

SUFFIXES = (".png", ".jpg", ".jpeg")


def open_images(request: Request) -> Opened:
    """A folder of images, or one image.

    Raises:
        DataError: an image is damaged or of another size, or the folder has no classes where they are needed.
    """
    if request.task not in (None, "image-classification") or (request.inputs and request.inputs.kind != "image"):
        raise request.error(
            "it holds images", hint="task: image-classification", field="task" if request.inputs is None else None
        )
    root = request.path
    if root.is_dir() and (root / "train").is_dir() and (root / "test").is_dir():
        train = _source(root / "train", request, None)
        return Opened(train, _source(root / "test", request, train.inputs))
    return Opened(_source(root, request, request.inputs))


class ImageSource(Source):
    """Images that are read and decoded each time."""

    def __init__(self, files: list[Path], inputs: Inputs, request: Request) -> None:
        self.inputs, self.n = inputs, len(files)
        self.row_bytes = int(np.prod(inputs.shape)) * np.dtype(inputs.dtype).itemsize
        # One block of bytes rather than a million path objects, each of which takes some hundred bytes.
        self._folder = request.path if request.path.is_dir() else request.path.parent
        self._files = np.array([str(file.relative_to(self._folder)).encode() for file in files])
        self._request = request

    def take(self, index: Array) -> Raw:
        """The images at `index`."""
        out = np.empty((len(index), *self.inputs.shape), self.inputs.dtype)
        for position, row in enumerate(index.tolist()):
            path = self._folder / self._files[row].decode()
            try:
                content = path.read_bytes()
            except OSError as error:
                raise self._request.at(path).error(f"it cannot be read: {error.strerror}") from error
            out[position] = decode(content, self.inputs, self._request.at(path).error)
        return out


def _source(folder: Path, request: Request, inputs: Inputs | None) -> Source:
    """The images of a folder with classes, or of one without, or a single one."""
    request = request.at(folder)
    classes = _classes(folder)
    if not classes and request.needs_target:
        raise request.error("it has no subfolder with images", hint="put the images of each class into a subfolder of its name")
    files, labels = _files(folder, classes)
    wanted = Request(folder, request.task, inputs=inputs, note=request.note, field=request.field)
    found = common_inputs(((str(file), _header(file, request)) for file in files), wanted)
    streamed = ImageSource(files, found, request)
    source: Source = streamed
    if len(files) * streamed.row_bytes <= memory.stream_over():
        source = MemorySource(found, streamed.take(np.arange(len(files))))
        source.row_bytes = streamed.row_bytes
    if classes:
        source.target = Target("class", np.array(labels, np.int64), tuple(classes), str(folder))
    else:
        source.ids = np.array([file.name for file in files], object)
    return source


def _classes(folder: Path) -> list[str]:
    """The subfolders that hold images, sorted."""
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and any(_is_image(file) for file in entry.iterdir()))


def _files(folder: Path, classes: list[str]) -> tuple[list[Path], list[int]]:
    if not folder.is_dir():
        return [folder], []
    if not classes:
        return sorted(file for file in folder.iterdir() if _is_image(file)), []
    files: list[Path] = []
    labels: list[int] = []
    for code, name in enumerate(classes):
        images = sorted(file for file in (folder / name).iterdir() if _is_image(file))
        files += images
        labels += [code] * len(images)
    return files, labels


def _is_image(path: Path) -> bool:
    """By its suffix; hidden files, such as those some systems leave beside each file, are none."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _header(path: Path, request: Request) -> Header:
    try:
        with path.open("rb") as file:
            header = read_header(file)
    except OSError as error:
        raise request.at(path).error(f"it cannot be read: {error.strerror}") from error
    if header is None:
        raise request.at(path).error("it is damaged, or neither png nor jpg", hint="leave it out of the folder, or save it again")
    return header
