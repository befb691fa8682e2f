"""The rows that an Autopilot job was sent: a table, texts, or images in a folder a class."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from cloud_nas.rehearse.aws.storage import Storage
from cloud_nas.rehearse.png import pixels
from cloud_nas.rehearse.predictor import Part, Sent

_KINDS: Mapping[str, Literal["text", "image"]] = {
    "TextClassificationJobConfig": "text",
    "ImageClassificationJobConfig": "image",
}


def read(storage: Storage, kind: str, problem: Mapping[str, Any], channels: Sequence[Mapping[str, Any]]) -> Sent:
    """What the channels have; without a channel of its own, every fifth row validates.

    Raises:
        ValueError: there is nothing, or a column is not there.
    """
    parts = {}
    for channel in channels:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        keys = [key for key in storage.keys(uri) if not key.endswith("/")]
        if not keys:
            raise ValueError(f"no objects were found under {uri}")
        if kind == "ImageClassificationJobConfig":
            parts[channel.get("ChannelType", "training")] = _images(storage, keys)
        else:
            parts[channel.get("ChannelType", "training")] = _table(storage, keys, kind, problem)
    rows, labels = parts["training"]
    if "validation" not in parts:
        parts["validation"] = rows[::5], labels[::5]
    return Sent(_KINDS.get(kind, "table"), (rows, labels), parts["validation"])


def _images(storage: Storage, keys: Sequence[str]) -> Part:
    return [pixels(storage.get(key)) for key in keys], [key.split("/")[-2] for key in keys]


def _table(storage: Storage, keys: Sequence[str], kind: str, problem: Mapping[str, Any]) -> Part:
    rows: list[Any] = []
    labels: list[str] = []
    text = kind == "TextClassificationJobConfig"
    target = problem["TargetLabelColumn"] if text else problem["TargetAttributeName"]
    for key in keys:
        header, *lines = csv.reader(io.StringIO(storage.get(key).decode()))
        if target not in header or (text and problem["ContentColumn"] not in header):
            raise ValueError(f"{target} is not a column of {key}")
        where = header.index(target)
        kept = [header.index(problem["ContentColumn"])] if text else [at for at in range(len(header)) if at != where]
        rows += [[line[at] for at in kept] for line in lines]
        labels += [line[where] for line in lines]
    return rows, labels
