"""Rules of a training job, whether a tuner starts it or we do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.targets.sagemaker.limits import TRAINING_SECONDS, has_own_disk

HYPERPARAMETERS = 100
"""Hyperparameters of a training job, static and searched."""


def problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Of CreateTrainingJob."""
    yield from definition_problems(body)
    if "ResourceConfig" not in body:
        yield "ResourceConfig: missing"


def definition_problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Of what CreateTrainingJob and a tuning job's TrainingJobDefinition have in common."""
    yield from _algorithm(body["AlgorithmSpecification"])
    yield from _time(body)
    yield from _channels(body.get("InputDataConfig", ()))
    if "ResourceConfig" in body:
        yield from _machine(body["ResourceConfig"])
    if body.get("EnableManagedSpotTraining") and "CheckpointConfig" not in body:
        yield "CheckpointConfig: missing; a spot job that is interrupted would begin anew"


def _algorithm(given: Mapping[str, Any]) -> Iterator[str]:
    if ("TrainingImage" in given) == ("AlgorithmName" in given):
        yield "AlgorithmSpecification: exactly one of TrainingImage and AlgorithmName"
    metrics = given.get("MetricDefinitions", ())
    names = [metric["Name"] for metric in metrics]
    if len(set(names)) < len(names):
        yield "AlgorithmSpecification.MetricDefinitions: each name once"
    for index, metric in enumerate(metrics):
        place = f"AlgorithmSpecification.MetricDefinitions[{index}].Regex"
        try:
            groups = re.compile(metric["Regex"]).groups
        except re.error as error:
            yield f"{place}: {error}"
            continue
        if groups != 1:
            yield f"{place}: one group, which is the number, not {groups}"


def _time(body: Mapping[str, Any]) -> Iterator[str]:
    stopping = body["StoppingCondition"]
    runtime, wait = stopping.get("MaxRuntimeInSeconds"), stopping.get("MaxWaitTimeInSeconds")
    if runtime is None:
        yield "StoppingCondition.MaxRuntimeInSeconds: missing; a job without a cap may train for a day"
    elif runtime > TRAINING_SECONDS:
        yield f"StoppingCondition.MaxRuntimeInSeconds: {runtime}, {TRAINING_SECONDS} at most"
    if body.get("EnableManagedSpotTraining"):
        if wait is None:
            yield "StoppingCondition.MaxWaitTimeInSeconds: missing; spot training needs it"
        elif runtime is not None and wait < runtime:
            yield f"StoppingCondition.MaxWaitTimeInSeconds: {wait}, as much as MaxRuntimeInSeconds ({runtime}) at least"
    elif wait is not None:
        yield "StoppingCondition.MaxWaitTimeInSeconds: only for spot training"


def _channels(channels: Any) -> Iterator[str]:
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        yield "InputDataConfig: each ChannelName once"
    for index, channel in enumerate(channels):
        source = channel["DataSource"].get("S3DataSource")
        if source is None:
            continue
        place = f"InputDataConfig[{index}].DataSource.S3DataSource"
        # Without the slash a prefix also takes what merely begins with the same letters.
        if source["S3DataType"] == "S3Prefix" and not source["S3Uri"].endswith("/"):
            yield f"{place}.S3Uri: a folder ends with a slash"


def _machine(given: Mapping[str, Any]) -> Iterator[str]:
    instance = given.get("InstanceType")
    if instance is None and "InstanceGroups" not in given:
        yield "ResourceConfig.InstanceType: missing"
    if instance is None:
        return
    if "InstanceCount" not in given:
        yield "ResourceConfig.InstanceCount: missing"
    if not has_own_disk(instance):
        if "VolumeSizeInGB" not in given:
            yield f"ResourceConfig.VolumeSizeInGB: missing; {instance} has no disk of its own"
        return
    for name in ("VolumeSizeInGB", "VolumeKmsKeyId"):
        if name in given:
            yield f"ResourceConfig.{name}: {instance} has disks of its own, for which there is none"
