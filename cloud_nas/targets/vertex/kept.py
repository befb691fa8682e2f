"""What a plan's `place` was, as far as a description of the job and its labels tell: for a machine that never saw the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.automl_rules import CLOUD, METRICS, MODELS


def place_of(
    found: Mapping[str, Any],
    place: Mapping[str, Any],
    told: Mapping[str, str],
    *,
    data_set: Callable[[str], Mapping[str, Any]] = lambda name: {},
) -> dict[str, Any]:
    """The place of a job that was found.

    Args:
        found: all that Google knows of it.
        place: where it was looked for.
        told: what its labels tell.
        data_set: gives a data set by its name.
    """
    kind = told["target"].partition(":")[2]
    goal, _, metric = told.get("objective", "maximize.").partition(".")
    kept = {**place, "kind": kind, "goal": goal, "metric": metric}
    users = {key: value for key, value in found.get("labels", {}).items() if not key.startswith(naming.LABEL)}
    kept["labels"] = users
    kept["kms_key"] = found.get("encryptionSpec", {}).get("kmsKeyName") or place.get("kms_key")
    if kind == "automl":
        return kept | _of_pipeline(found, kept, data_set)
    if kind == "tuning":
        return kept | _of_job(found.get("trialJobSpec", {}), kept) | _of_study(found, kept)
    return kept | _of_job(found.get("jobSpec", {}), kept)


def _of_job(spec: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """What runs and where it writes."""
    pool: Mapping[str, Any] = next(iter(spec.get("workerPoolSpecs", ())), {})
    machine, scheduling = pool.get("machineSpec", {}), spec.get("scheduling", {})
    bucket, name = naming.split_uri(str(spec.get("baseOutputDirectory", {}).get("outputUriPrefix", "")))
    spot = scheduling.get("strategy") == "SPOT"
    timeout = str(scheduling.get("timeout", "")).removesuffix("s")
    return {
        "bucket": bucket or place.get("bucket"),
        "prefix": name.rpartition("runs/")[0] if bucket else place.get("prefix"),
        "machine": machine.get("machineType", place.get("machine")),
        "accelerator": machine.get("acceleratorType"),
        "accelerators": int(machine.get("acceleratorCount", 0)),
        "volume": int(pool.get("diskSpec", {}).get("bootDiskSizeGb", place.get("volume", 0))),
        "max_runtime": float(timeout) if timeout else place.get("max_runtime"),
        "spot": spot,
        "retries": not spot and not scheduling.get("disableRetries", False),
        "service_account": spec.get("serviceAccount"),
        "network": spec.get("network"),
    }


def _of_study(found: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """Goal and metric by the service's own name, and how many trials ran at once."""
    metric: Mapping[str, Any] = next(iter(found.get("studySpec", {}).get("metrics", ())), {})
    return {
        "goal": str(metric.get("goal", place["goal"])).lower(),
        "metric": metric.get("metricId", place["metric"]),
        "parallel": int(found.get("parallelTrialCount", 1)),
    }


def _of_pipeline(
    found: Mapping[str, Any], place: Mapping[str, Any], data_set: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    """AutoML's task, model and target; its bucket is that of the rows that the data set was made of."""
    inputs, asked = found.get("trainingTaskInputs", {}), found.get("inputDataConfig", {})
    rows = data_set(f"{found['name'].split('/trainingPipelines/')[0]}/datasets/{asked.get('datasetId')}")
    source = next(iter(_sources(rows)), "")
    bucket, name = naming.split_uri(source)
    where = {"bucket": bucket, "prefix": name.rpartition("data/")[0]} if bucket else {}
    if "automl_tabular" in str(found.get("trainingTaskDefinition", "")):
        metric, goal = METRICS.get(str(inputs.get("optimizationObjective")), (place["metric"], place["goal"]))
        told = {"task": str(inputs.get("predictionType", "classification")), "model": CLOUD, "target": inputs.get("targetColumn")}
        return where | told | {"goal": goal, "metric": metric}
    models = {theirs: ours for ours, theirs in MODELS.items()}
    metric, goal = METRICS["maximize-au-prc"]
    told = {"task": "image", "model": models.get(str(inputs.get("modelType")), CLOUD), "target": None}
    return where | told | {"goal": goal, "metric": metric}


def _sources(rows: Mapping[str, Any]) -> list[str]:
    """The addresses that a data set names: a table's in its metadata; what images were imported from is nowhere."""
    metadata = rows.get("metadata", {})
    source = metadata.get("inputConfig", {}).get("gcsSource", {}) if isinstance(metadata, Mapping) else {}
    uri = source.get("uri", source.get("uris", []))
    return [uri] if isinstance(uri, str) else [str(one) for one in uri]
