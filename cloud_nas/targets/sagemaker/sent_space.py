"""The space of a tuning job at SageMaker, and its strings less those of the service's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.targets import sent_space
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker import objects
from cloud_nas.targets.sagemaker.client import Client
from local_engine.definition import Value

if TYPE_CHECKING:
    from local_engine.space.flat import Space

CHANNEL = "code"
_SERVICES = ("sagemaker_", "_tuning_", "model_dir")


def values(space: Space | None, strings: Mapping[str, str]) -> dict[str, Value]:
    """What the tuner's strings mean."""
    return sent_space.values(space, {name: text for name, text in strings.items() if not name.startswith(_SERVICES)})


def space_of(client: Client, remote: Remote, described: Mapping[str, Any]) -> Space | None:
    """The space that a tuning job searches; None where its code is gone, or is not of this version."""
    folder = _code_uri(described)
    return None if folder is None else sent_space.space_of(folder, lambda uri: objects.read(client, remote.place, uri))


def _code_uri(described: Mapping[str, Any]) -> str | None:
    channels = described.get("TrainingJobDefinition", {}).get("InputDataConfig", ())
    for one in channels:
        if one["ChannelName"] == CHANNEL:
            uri = str(one["DataSource"]["S3DataSource"]["S3Uri"])
            return uri if uri.endswith("/") else f"{uri}/"
    return None
