"""Rules of the model and the batch transform that score rows with what Autopilot made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PAYLOADS_IN_MB = 100
"""MaxConcurrentTransforms times MaxPayloadInMB."""


def model_problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Of CreateModel."""
    if ("PrimaryContainer" in body) == ("Containers" in body):
        yield "Containers: exactly one of it and PrimaryContainer"
    containers = [*body.get("Containers", ()), *([body["PrimaryContainer"]] if "PrimaryContainer" in body else [])]
    if not containers:
        yield "Containers: one at least"
    for index, one in enumerate(containers):
        if ("Image" in one) == ("ModelPackageName" in one):
            yield f"Containers[{index}]: exactly one of Image and ModelPackageName"
    names = [one["ContainerHostname"] for one in containers if "ContainerHostname" in one]
    if len(set(names)) < len(names):
        yield "Containers: each ContainerHostname once"
    if "ExecutionRoleArn" not in body:
        yield "ExecutionRoleArn: missing"


def transform_problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Of CreateTransformJob."""
    at_once, payload = body.get("MaxConcurrentTransforms", 0), body.get("MaxPayloadInMB", 6)
    if payload > PAYLOADS_IN_MB:
        yield f"MaxPayloadInMB: {payload}, {PAYLOADS_IN_MB} at most"
    elif at_once * payload > PAYLOADS_IN_MB:
        yield f"MaxConcurrentTransforms: {at_once} times {payload} MB, {PAYLOADS_IN_MB} MB at most"
    given, result = body["TransformInput"], body["TransformOutput"]
    split, assembled = given.get("SplitType", "None"), result.get("AssembleWith", "None")
    if "Line" in (split, assembled) and split != assembled:
        yield f"TransformOutput.AssembleWith: {assembled}, where rows are split by {split}; answers could not be told apart"
    if given.get("CompressionType", "None") != "None" and split != "None":
        yield "TransformInput.CompressionType: None, where rows are split"
