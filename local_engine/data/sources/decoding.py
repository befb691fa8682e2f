"""Encoded images to arrays, by TensorFlow, and the one size and type that all images of a source must have."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from local_engine.data.inputs import Array, Inputs
from local_engine.data.sources.arrays import check_inputs
from local_engine.data.sources.base import Request
from local_engine.data.sources.headers import Header


def common_inputs(headers: Iterable[tuple[str, Header]], request: Request) -> Inputs:
    """What all images are: one size; colour where any is; 16 bits where any has them.

    Raises:
        DataError: two differ in size, which names the first two; or they are not what the request says they must be.
    """
    first: tuple[str, Header] | None = None
    channels = bits = 0
    for name, header in headers:
        first = first or (name, header)
        if (header.height, header.width) != (first[1].height, first[1].width):
            raise request.error(
                f"images differ in size: {first[0]} is {_size(first[1])}, {name} is {_size(header)}",
                hint="bring them to one size first, for example with: mogrify -resize 64x64! *.png",
            )
        channels, bits = max(channels, header.channels), max(bits, header.bits)
    if first is None:
        raise request.error("there is no image in it")
    wanted = request.inputs
    if wanted is not None and len(wanted.shape) == 3 and channels == 1:
        channels = 3  # a grey picture is a colour picture too
    if wanted is not None and wanted.dtype == "uint16" and bits == 8:
        bits = 16
    size = (first[1].height, first[1].width)
    found = Inputs("image", size if channels == 1 else (*size, 3), f"uint{bits}")
    check_inputs(found, request)
    return request.inputs or found


def _size(header: Header) -> str:
    return f"{header.height} x {header.width}"


def decode(content: bytes, inputs: Inputs, fail: Callable[[str], Exception]) -> Array:
    """One image as `inputs` has it.

    Raises:
        DataError: (made by `fail`) it is damaged, or not of that size.
    """
    import tensorflow as tf

    try:
        image = tf.io.decode_image(
            content,
            channels=1 if len(inputs.shape) == 2 else 3,
            dtype=tf.uint16 if inputs.dtype == "uint16" else tf.uint8,
            expand_animations=False,
        ).numpy()
    except tf.errors.InvalidArgumentError as error:
        raise fail(f"it is damaged: {str(error.message).splitlines()[0][:200]}") from error
    pixels: Array = image[..., 0] if len(inputs.shape) == 2 else image
    if pixels.shape != inputs.shape:
        raise fail(f"it is {pixels.shape}, not {inputs.shape}")
    return np.asarray(pixels)
