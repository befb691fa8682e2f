"""Rules of where a job runs and of what it runs: CustomJobSpec, which a tuner's trials have too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.spec.google_machines import LOCATIONS, OWN_GPUS, gpu_problem, machine_problem
from cloud_nas.targets.vertex import images
from cloud_nas.targets.vertex.limits import SECONDS

ARGUMENTS = 100_000
"""Characters of a command and its arguments together."""

FLEXIBLE = frozenset(
    f"NVIDIA_{name}" for name in ("L4", "TESLA_A100", "A100_80GB", "H100_80GB", "H100_MEGA_80GB", "H200_141GB", "B200")
)
"""GPUs that machines queued for (FLEX_START) may have."""


def place_problems(location: str, resource: Mapping[str, Any], path: str) -> Iterator[str]:
    """Whether a resource can be made at a location, with its key.

    Args:
        location: of the parent.
        resource: what is made.
        path: where it stands in the request.
    """
    if location not in LOCATIONS:
        yield f"parent: jobs run in no location {location!r}"
    key = resource.get("encryptionSpec", {}).get("kmsKeyName")
    if key is not None and key.split("/")[3] != location:
        yield f"{path}.encryptionSpec.kmsKeyName: a key in {key.split('/')[3]}, and the job is in {location}"


def spec_problems(spec: Mapping[str, Any], path: str) -> Iterator[str]:
    """Whether the service would run such a job.

    Args:
        spec: a CustomJobSpec.
        path: where it stands.
    """
    for index, pool in enumerate(spec["workerPoolSpecs"]):
        where = f"{path}.workerPoolSpecs[{index}]"
        yield from machine_problems(pool.get("machineSpec", {}), f"{where}.machineSpec")
        yield from _task(pool, where)
    if spec["workerPoolSpecs"][0].get("replicaCount", 1) != 1:
        yield f"{path}.workerPoolSpecs[0].replicaCount: the first pool has one machine"
    yield from _scheduling(spec.get("scheduling", {}), spec["workerPoolSpecs"], f"{path}.scheduling")


def machine_problems(machine: Mapping[str, Any], path: str) -> Iterator[str]:
    """Whether there is such a machine with such GPUs."""
    kind, gpu, count = machine.get("machineType"), machine.get("acceleratorType"), machine.get("acceleratorCount")
    if kind is None:
        yield f"{path}.machineType: missing"
        return
    if (gpu is None) != (count is None):
        yield f"{path}: acceleratorType and acceleratorCount come together"
        return
    found = machine_problem(kind, gpu)
    if found is not None:
        yield f"{path}.machineType: {found[0]}"
    elif gpu is not None:
        found = gpu_problem(kind, gpu, count)
        if found is not None:
            yield f"{path}.acceleratorType: {found[0]}"
    elif kind in OWN_GPUS:
        yield f"{path}.acceleratorType: missing, and {kind} has {OWN_GPUS[kind][1]} x {OWN_GPUS[kind][0]}"


def _task(pool: Mapping[str, Any], path: str) -> Iterator[str]:
    tasks = [name for name in ("containerSpec", "pythonPackageSpec") if name in pool]
    if not tasks:
        yield f"{path}: one of containerSpec, pythonPackageSpec, not none of them"
        return
    task, where = pool[tasks[0]], f"{path}.{tasks[0]}"
    characters = sum(len(one) for one in (*task.get("command", ()), *task.get("args", ())))
    if characters > ARGUMENTS:
        yield f"{where}.args: {characters} characters with the command, {ARGUMENTS} at most"
    names = [one["name"] for one in task.get("env", ())]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{where}.env: {name} is there more than once"
    if "imageUri" in task:
        try:
            images.check(task["imageUri"], "vertex")
        except UsageError as error:
            yield f"{where}.imageUri: {error.message}"


def _scheduling(scheduling: Mapping[str, Any], pools: Any, path: str) -> Iterator[str]:
    timeout = scheduling.get("timeout")
    if timeout is not None and not 0 < seconds_of(timeout) <= SECONDS:
        yield f"{path}.timeout: {timeout}, more than nothing and 7 days at most"
    strategy = scheduling.get("strategy")
    if strategy in ("ON_DEMAND", "LOW_COST", "STRATEGY_UNSPECIFIED"):
        yield f"{path}.strategy: {strategy} is not to be sent any more; STANDARD, SPOT and FLEX_START are"
    if "maxWaitDuration" in scheduling and strategy != "FLEX_START":
        yield f"{path}.maxWaitDuration: goes with FLEX_START alone"
    elif "maxWaitDuration" in scheduling and seconds_of(scheduling["maxWaitDuration"]) < 0:
        yield f"{path}.maxWaitDuration: less than nothing"
    if scheduling.get("disableRetries") and scheduling.get("restartJobOnWorkerRestart"):
        yield f"{path}.restartJobOnWorkerRestart: disableRetries forbids it"
    if strategy == "FLEX_START":
        without = [pool["machineSpec"] for pool in pools if pool.get("machineSpec", {}).get("acceleratorType") not in FLEXIBLE]
        if without:
            yield f"{path}.strategy: FLEX_START is for GPUs such as {', '.join(sorted(FLEXIBLE)[:4])}"


def seconds_of(duration: str) -> float:
    """A duration as JSON has it: `3600s`."""
    return float(duration.removesuffix("s"))
