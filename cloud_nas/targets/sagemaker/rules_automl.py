"""Rules of an AutoML job. We are stricter than the service in one thing: a table's mode is named, since AUTO depends on bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.targets.sagemaker.autopilot_rules import ALGORITHMS, MOST_CANDIDATES

OUTPUT_PATH = 512
"""Characters of S3OutputPath, though its type would take more."""

METRICS = {
    "Regression": ("MAE", "MSE", "R2", "RMSE"),
    "BinaryClassification": ("Accuracy", "AUC", "BalancedAccuracy", "F1", "Precision", "Recall"),
    "MulticlassClassification": ("Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"),
}
"""Objectives of a table, by the kind of its problem."""

_CONTENT = {
    "TabularJobConfig": ("text/csv;header=present", "x-application/vnd.amazon+parquet"),
    "TextClassificationJobConfig": ("text/csv;header=present", "x-application/vnd.amazon+parquet"),
    "ImageClassificationJobConfig": ("image/png", "image/jpeg", "image/*"),
}


def problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Of CreateAutoMLJobV2."""
    ((kind, problem),) = body["AutoMLProblemTypeConfig"].items()
    path = body["OutputDataConfig"]["S3OutputPath"]
    if len(path) > OUTPUT_PATH:
        yield f"OutputDataConfig.S3OutputPath: {len(path)} characters, {OUTPUT_PATH} at most"
    yield from _channels(body["AutoMLJobInputDataConfig"], kind)
    yield from _split(body, kind)
    objective = body.get("AutoMLJobObjective", {}).get("MetricName")
    if kind == "TabularJobConfig":
        yield from _table(problem, objective)
    else:
        yield from _other(kind, problem, objective)


def _channels(channels: Any, kind: str) -> Iterator[str]:
    place = "AutoMLJobInputDataConfig"
    types = [channel.get("ChannelType", "training") for channel in channels]
    if types.count("training") != 1 or len(set(types)) < len(types):
        yield f"{place}: one channel for training, and one for validation at most"
    contents = {channel.get("ContentType") for channel in channels}
    if len(contents) > 1:
        yield f"{place}: the same ContentType in both channels"
    for index, channel in enumerate(channels):
        source = channel["DataSource"]["S3DataSource"]
        content, packed = channel.get("ContentType"), channel.get("CompressionType", "None") != "None"
        if kind in _CONTENT and content is not None and content not in _CONTENT[kind]:
            yield f"{place}[{index}].ContentType: {content!r} is none of {', '.join(_CONTENT[kind])}"
        if packed and (kind != "TabularJobConfig" or source["S3DataType"] != "S3Prefix"):
            yield f"{place}[{index}].CompressionType: None, but for a table's folder"
        if source["S3DataType"] == "AugmentedManifestFile" and kind != "ImageClassificationJobConfig":
            yield f"{place}[{index}].DataSource.S3DataSource.S3DataType: an augmented manifest is for images"
        if source["S3DataType"] == "ManifestFile" and kind == "TextClassificationJobConfig":
            yield f"{place}[{index}].DataSource.S3DataSource.S3DataType: S3Prefix, for texts"
        if source["S3DataType"] == "S3Prefix" and not source["S3Uri"].endswith("/"):
            yield f"{place}[{index}].DataSource.S3DataSource.S3Uri: a folder ends with a slash"


def _split(body: Mapping[str, Any], kind: str) -> Iterator[str]:
    if "DataSplitConfig" not in body:
        return
    if len(body["AutoMLJobInputDataConfig"]) > 1:
        yield "DataSplitConfig: not with a validation channel"
    if kind == "TimeSeriesForecastingJobConfig":
        yield "DataSplitConfig: not for time series"
    fraction = body["DataSplitConfig"].get("ValidationFraction")
    if fraction is not None and not 0 < fraction < 1:
        yield f"DataSplitConfig.ValidationFraction: {fraction}, between 0 and 1"


def _table(given: Mapping[str, Any], objective: str | None) -> Iterator[str]:
    place = "AutoMLProblemTypeConfig.TabularJobConfig"
    problem, mode = given.get("ProblemType"), given.get("Mode")
    if (problem is None) != (objective is None):
        yield f"{place}.ProblemType: it and AutoMLJobObjective go together"
    elif problem is not None and objective not in METRICS[problem]:
        yield f"AutoMLJobObjective.MetricName: {objective} is none of {', '.join(METRICS[problem])} of a {problem}"
    if mode in (None, "AUTO"):
        yield f"{place}.Mode: ENSEMBLING or HYPERPARAMETER_TUNING"
    criteria = given.get("CompletionCriteria", {})
    if criteria.get("MaxCandidates", 1) > MOST_CANDIDATES:
        yield f"{place}.CompletionCriteria.MaxCandidates: {criteria['MaxCandidates']}, {MOST_CANDIDATES} at most"
    per_job, whole = criteria.get("MaxRuntimePerTrainingJobInSeconds"), criteria.get("MaxAutoMLJobRuntimeInSeconds")
    if per_job is not None and whole is not None and per_job > whole:
        yield f"{place}.CompletionCriteria.MaxRuntimePerTrainingJobInSeconds: {per_job}, no more than the whole job's {whole}"
    known = ALGORITHMS.get(str(mode).lower(), ())
    for one in given.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig", ()):
        wrong = [name for name in one["AutoMLAlgorithms"] if name not in known]
        if wrong:
            yield f"{place}.CandidateGenerationConfig.AlgorithmsConfig: {mode} has no {wrong[0]}"
    if "SampleWeightAttributeName" in given and mode != "ENSEMBLING":
        yield f"{place}.SampleWeightAttributeName: only for ENSEMBLING"
    if given.get("SampleWeightAttributeName") == given["TargetAttributeName"]:
        yield f"{place}.SampleWeightAttributeName: not the target itself"


def _other(kind: str, given: Mapping[str, Any], objective: str | None) -> Iterator[str]:
    place = f"AutoMLProblemTypeConfig.{kind}"
    if given.get("CompletionCriteria", {}).get("MaxCandidates", 1) != 1:
        yield f"{place}.CompletionCriteria.MaxCandidates: 1, for all but tables"
    if kind in ("ImageClassificationJobConfig", "TextClassificationJobConfig") and objective not in (None, "Accuracy"):
        yield f"AutoMLJobObjective.MetricName: Accuracy, not {objective}"
    if kind == "TextClassificationJobConfig" and given["ContentColumn"] == given["TargetLabelColumn"]:
        yield f"{place}.ContentColumn: not the target itself"
