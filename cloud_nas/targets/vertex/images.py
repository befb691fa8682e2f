"""The container's image: TensorFlow's own on Docker Hub, of the version at home, or the user's; Google's own have ended."""

from __future__ import annotations

import re

from cloud_nas.errors import UsageError
from cloud_nas.targets.refusing import refused

VERSION = "2.21.0"
"""Python 3.11 and TensorFlow 2.21.0, as at home. Keras travels with the code, so that what is trained there loads here."""

DEFAULT = f"tensorflow/tensorflow:{VERSION}"

LAST = ("2-17", "2026-07-11")
"""The newest of Google's prebuilt TensorFlow images, and the day from which it could not be had; older ones ended before."""

TEMPLATE = "templates/container/Dockerfile"
"""How to build one's own."""

_PREBUILT = re.compile(r"(?:[a-z]+-docker\.pkg\.dev/vertex-ai|[a-z.]*gcr\.io/cloud-aiplatform)/training/tf-[a-z]+\.(\d+)-(\d+)\b")
_REGISTRY = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io|(?:index\.|registry-1\.)?docker\.io")
_WAY_OUT = f"leave `image` out for {DEFAULT}, or build your own by {TEMPLATE}"


def training_image(image: str | None, accelerator: str | None, target: str) -> str:
    """The image's URI.

    Args:
        image: of the user's; None: TensorFlow's.
        accelerator: the GPU's type; None: the machine has none.
        target: as `--on` has it.

    Raises:
        UsageError: the image can no longer be had, or the service can take none from there.
    """
    if image is None:
        return DEFAULT if accelerator is None else f"{DEFAULT}-gpu"
    check(image, target)
    return image


def check(image: str, target: str) -> None:
    """Ends here where the service could not run an image.

    Raises:
        UsageError: as `training_image`.
    """
    prebuilt = _PREBUILT.match(image)
    if prebuilt is not None:
        number = int(prebuilt[1]), int(prebuilt[2])
        last = tuple(map(int, LAST[0].split("-")))
        if number <= last:
            when = f"on {LAST[1]}" if number == last else f"before {LAST[1]}, as the last of its kind"
            raise _refused(f"{image} ended {when}: Google's prebuilt TensorFlow images cannot be had any more", target)
    host = image.partition("/")[0] if "/" in image else ""
    if ("." in host or ":" in host) and not _REGISTRY.fullmatch(host):
        raise _refused(f"it takes images from Artifact Registry and Docker Hub alone, not from {host}", target)


def _refused(what: str, target: str) -> UsageError:
    return refused(what, _WAY_OUT, target)
