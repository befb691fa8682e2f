"""What a job of ours is given, whether a tuner starts it or we do: image, command, environment, machine, caps, identity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import local_engine
from cloud_nas.package.code import ARCHIVE
from cloud_nas.targets import travel
from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.search_terms import max_runtime
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.images import training_image

ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "2"}
"""TensorFlow prints little. No secrets, nor anything of this machine."""

_IDENTITY = {"serviceAccount": "service_account", "network": "network"}

BOOTSTRAP = "bootstrap.py"
"""In `local_engine.containers`: fetches the code by itself and starts it, with nothing but Python's own library."""


def job_spec(job: Job, target: str) -> dict[str, Any]:
    """CustomJobSpec: one machine with our container, its caps, whose rights it has, and where its results go.

    Args:
        job: the job.
        target: `vertex:tuning` or `vertex:engine`; the engine also learns where its study is kept.
    """
    own = naming.run_uri(job.place, job.name.run_id, job.name.attempt)
    return {
        "workerPoolSpecs": [
            {
                "machineSpec": machine(job.place),
                "replicaCount": 1,
                "diskSpec": {"bootDiskSizeGb": job.place["volume"]},
                "containerSpec": _container(job, target),
            }
        ],
        "scheduling": scheduling(job.place),
        **{
            name: job.place[key]
            for name, key in (("serviceAccount", "service_account"), ("network", "network"))
            if job.place[key]
        },
        "baseOutputDirectory": {"outputUriPrefix": own},
    }


def machine(place: Mapping[str, Any]) -> dict[str, Any]:
    """MachineSpec, with the GPUs named that the machine has."""
    found: dict[str, Any] = {"machineType": place["machine"]}
    if place["accelerator"]:
        found |= {"acceleratorType": place["accelerator"], "acceleratorCount": place["accelerators"]}
    return found


def scheduling(place: Mapping[str, Any]) -> dict[str, Any]:
    """Scheduling: the cap on one job, whole seconds, and whether the service may start it again: always on spot machines."""
    found: dict[str, Any] = {"timeout": f"{max_runtime(place)}s"}
    if place["spot"]:
        return found | {"strategy": "SPOT"}
    return found if place["retries"] else found | {"disableRetries": True}


def encryption(place: Mapping[str, Any]) -> dict[str, Any]:
    """EncryptionSpec, where a key was asked for."""
    return {"encryptionSpec": {"kmsKeyName": place["kms_key"]}} if place["kms_key"] else {}


def uploads(job: Job) -> tuple[Upload, ...]:
    """Every file that travels."""
    return travel.uploads(job, {"code": naming.code_uri, "rows": naming.rows_uri, "wheels": naming.wheels_uri})


def bootstrap() -> str:
    """The program that the container begins with."""
    return (Path(str(local_engine.__file__)).parent / "containers" / BOOTSTRAP).read_text(encoding="utf-8")


def _container(job: Job, target: str) -> dict[str, Any]:
    """ContainerSpec. The tuner's arguments come behind the command's own."""
    return {
        "imageUri": training_image(job.place["image"], job.place["accelerator"], target),
        "command": ["python3", "-c", bootstrap()],
        "env": [{"name": name, "value": value} for name, value in sorted(_environment(job, target).items())],
    }


def _environment(job: Job, target: str) -> dict[str, str]:
    archive = next(one for one in job.parcels["code"].files if one.path == ARCHIVE)
    found = {
        **ENVIRONMENT,
        "CLOUD_NAS_CODE": naming.code_uri(job),
        "CLOUD_NAS_CODE_SHA256": archive.sha256,
        "CLOUD_NAS_ROWS": naming.rows_uri(job),
        "CLOUD_NAS_WHEELS": naming.wheels_uri(job),
    }
    if target == "vertex:engine":
        found["CLOUD_NAS_STUDY"] = naming.study_uri(job.place, job.name.run_id)
    return found
