"""What Vertex AI refuses at once: its documented rules for jobs, read from its protos and pages, apart from those of `targets`.

A resource comes as JSON of its own proto: enumerations by name, 64-bit integers as text, zeros left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.rehearse.gcp import rules_automl, rules_study
from cloud_nas.rehearse.gcp.answers import require
from cloud_nas.rehearse.gcp.world import World

Json = Mapping[str, Any]

_LABEL_KEY, _LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}"), re.compile(r"[a-z0-9_-]{0,63}")
_IMAGE = re.compile(
    r"((([a-z0-9-]+\.)*(pkg\.dev|gcr\.io)|(index\.)?docker\.io)/)?"  # another registry's host is none of these
    r"[\w-]+(/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?"
)
_NETWORK = re.compile(r"projects/\d+/global/networks/[a-z][a-z0-9-]*")
_KEY = re.compile(r"projects/[^/]+/locations/([^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_MACHINES = re.compile(
    r"e2-(standard-(4|8|16|32)|highmem-(2|4|8|16)|highcpu-(16|32))"
    r"|n1-(standard-(4|8|16|32|64|96)|highmem-(2|4|8|16|32|64|96)|highcpu-(16|32|64|96))"
    r"|n2-(standard-(4|8|16|32|48|64|80)|highmem-(2|4|8|16|32|48|64|80)|highcpu-(16|32|48|64|80))"
    r"|n4-\w+-\d+|c2-standard-(4|8|16|30|60)|g2-standard-(4|8|12|16|24|32|48|96)|g4-\w+-\d+"
    r"|a2-(high|mega|ultra)gpu-\d+g|a3-\w+-\d+g|a4-\w+-\d+g|m1-\w+-\d+|ct\w+-\w+-\d+t"
)
_WITH_GPU = re.compile(r"g2-|g4-|a[234]-")
_MOST_ARGUMENTS, _MOST_VARIABLES, _MOST_NAME = 100_000, 100, 128
_WEEK = 7 * 86400


def check(collection: str, resource: Json, world: World) -> None:
    """Ends here where the service would refuse to make such a resource.

    Args:
        collection: `customJobs`, `hyperparameterTuningJobs`, `datasets`, `trainingPipelines` or `batchPredictionJobs`.
        resource: as it was asked for.
        world: what else there is.

    Raises:
        Refused: 400.
    """
    _named(resource)
    key = resource.get("encryptionSpec", {}).get("kmsKeyName")
    found = None if key is None else _KEY.fullmatch(key)
    require(key is None or found is not None, f"Invalid KMS key name: {key}")
    require(found is None or found[1] == world.location, f"The KMS key has to be in {world.location}.")
    _OF[collection](resource, world)


def _named(resource: Json) -> None:
    name = resource.get("displayName", "")
    require(bool(name), "display_name is required.")
    require(len(name.encode()) <= _MOST_NAME, f"display_name has more than {_MOST_NAME} characters.")
    labels = resource.get("labels", {})
    require(len(labels) <= 64, "There are more than 64 labels.")
    for key, value in labels.items():
        require(_LABEL_KEY.fullmatch(key) is not None, f"Invalid label key: {key}")
        require(_LABEL.fullmatch(value) is not None, f"Invalid label value: {value}")


def _custom(job: Json, world: World) -> None:
    _spec(job.get("jobSpec", {}), world)


def _tuning(job: Json, world: World) -> None:
    most, parallel = int(job.get("maxTrialCount", 0)), int(job.get("parallelTrialCount", 0))
    failed = int(job.get("maxFailedTrialCount", 0))
    require(most >= 1, "max_trial_count must be greater than 0.")
    require(1 <= parallel <= most, "parallel_trial_count must be between 1 and max_trial_count.")
    require(0 <= failed <= most, "max_failed_trial_count must be between 0 and max_trial_count.")
    rules_study.check(job.get("studySpec", {}))
    _spec(job.get("trialJobSpec", {}), world)


def _spec(spec: Json, world: World) -> None:
    pools = spec.get("workerPoolSpecs", ())
    require(bool(pools), "worker_pool_specs is required.")
    require(int(pools[0].get("replicaCount", 0)) == 1, "The first worker pool must have replica_count 1.")
    for pool in pools:
        _machine(pool.get("machineSpec", {}))
        size = int(pool.get("diskSpec", {}).get("bootDiskSizeGb", 100))
        require(100 <= size <= 64000, f"boot_disk_size_gb must be between 100 and 64000, and is {size}.")
        require(("containerSpec" in pool) != ("pythonPackageSpec" in pool), "Exactly one of the tasks must be set.")
        _container(pool.get("containerSpec", {}))
    _scheduling(spec.get("scheduling", {}))
    network = spec.get("network")
    require(
        network is None or _NETWORK.fullmatch(network) is not None,
        f"network is not projects/NUMBER/global/networks/NAME: {network}",
    )
    account = spec.get("serviceAccount")
    require(account is None or "@" in account, f"Service account {account} is no e-mail address.")
    base = spec.get("baseOutputDirectory", {}).get("outputUriPrefix")
    if base is not None:
        require(base.startswith("gs://"), f"output_uri_prefix is no Cloud Storage URI: {base}")
        bucket = base.removeprefix("gs://").partition("/")[0]
        require(bucket in world.objects.buckets, f"The bucket {bucket} does not exist or is not accessible.")


def _machine(machine: Json) -> None:
    kind, gpu = str(machine.get("machineType", "")), machine.get("acceleratorType")
    count = int(machine.get("acceleratorCount", 0))
    require(_MACHINES.fullmatch(kind) is not None, f"Machine type {kind} is not supported.")
    require((gpu is None) == (count == 0), "accelerator_type and accelerator_count must be set together.")
    if _WITH_GPU.match(kind):
        require(gpu is not None, f"Machine type {kind} must be used with its accelerators.")
        require(not kind.startswith("g2-") or gpu == "NVIDIA_L4", f"Machine type {kind} does not support {gpu}.")
    elif gpu is not None:
        attached = gpu.startswith("NVIDIA_TESLA_") and gpu != "NVIDIA_TESLA_A100"
        require(kind.startswith("n1-") and attached, f"Machine type {kind} does not support {gpu}.")
        require(count in (1, 2, 4, 8), f"accelerator_count {count} is not supported for {gpu}.")


def _container(container: Json) -> None:
    image = str(container.get("imageUri", ""))
    if not container:
        return
    require(_IMAGE.fullmatch(image) is not None, f"Invalid image URI: {image}")
    words = [*container.get("command", ()), *container.get("args", ())]
    require(sum(map(len, words)) <= _MOST_ARGUMENTS, f"The arguments have more than {_MOST_ARGUMENTS} characters.")
    names = [one.get("name", "") for one in container.get("env", ())]
    require(len(names) <= _MOST_VARIABLES, f"There are more than {_MOST_VARIABLES} environment variables.")
    require(len(set(names)) == len(names) and all(names), "Names of environment variables must be unique and not empty.")
    require(all(one.get("value") for one in container.get("env", ())), "The value of an environment variable is required.")


def _scheduling(scheduling: Json) -> None:
    timeout = float(str(scheduling.get("timeout", f"{_WEEK}s")).removesuffix("s"))
    require(timeout > 0, "scheduling.timeout must be positive.")
    if scheduling.get("strategy") == "FLEX_START":
        require(timeout <= _WEEK, "scheduling.timeout must not be longer than 7 days.")


_OF: Mapping[str, Callable[[Json, World], None]] = {
    "customJobs": _custom,
    "hyperparameterTuningJobs": _tuning,
    "datasets": rules_automl.data_set,
    "trainingPipelines": rules_automl.pipeline,
    "batchPredictionJobs": rules_automl.batch,
}
