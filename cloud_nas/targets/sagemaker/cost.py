"""What a job can cost at most, what it has cost, and what stays of it costs a month; in US dollars, from the price table.

The service bills from the moment a machine begins to load the image until the model is in S3, and its cap on the run time counts
only the time between: so every job is given a slack beside its cap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloud_nas.states import Money
from cloud_nas.targets import costing
from cloud_nas.targets.costing import HOUR, MONTH, counted, up, uploaded
from cloud_nas.targets.plan import Cost, Remains, Request, Upload
from cloud_nas.targets.sagemaker import naming, prices
from cloud_nas.targets.sagemaker.limits import has_own_disk

GRACE = 120
"""Seconds that the service gives a job which it stops (StoppingCondition)."""

TRANSFER = 360
"""Seconds for image, rows, the archive and its upload: AWS names no limit, 118 s beside the grace are the most that were told."""

SLACK = GRACE + TRANSFER
"""Seconds a job that are billed beside its cap, at most."""

AUTOPILOT_MACHINE = "ml.m5.4xlarge"
"""What Autopilot is taken to train on; it says so nowhere."""

AUTOPILOT_CANDIDATES = 10
AUTOPILOT_PARALLEL = 10
AUTOPILOT_OVERHEAD = 3600
TRANSFORM_SECONDS = 1800
"""What a batch transform of held-out rows is taken to last; the service has no cap on it."""


@dataclass(frozen=True)
class Caps:
    """What a request allows: so many jobs (None: any number), each of so many seconds; `max_wait` on spot machines instead.

    `total_runtime` is of the whole tuning job, in which `parallel` jobs train at once. `instances` machines a job, each of type
    `instance` with `volume` GB of disk.
    """

    jobs: int | None
    max_runtime: float
    instance: str
    volume: float = 0.0
    max_wait: float | None = None
    total_runtime: float | None = None
    parallel: int = 1
    instances: int = 1

    def seconds(self) -> float | None:
        """Machine-seconds that may be billed at most, slack and all; None where nothing bounds them."""
        # Billed seconds on spot machines are those of every attempt; only waiting and training together have a cap.
        one = (self.max_runtime if self.max_wait is None else self.max_wait) + SLACK
        by_jobs = None if self.jobs is None else self.jobs * one
        by_time = None if self.total_runtime is None else self.parallel * (self.total_runtime + SLACK)
        known = [seconds for seconds in (by_jobs, by_time) if seconds is not None]
        return min(known) * self.instances if known else None

    def words(self) -> str:
        """The same as a formula."""
        cap = f"{self.max_runtime:.0f} s" if self.max_wait is None else f"{self.max_wait:.0f} s of waiting and training on spot"
        by_jobs = None if self.jobs is None else f"{counted(self.jobs, 'job')} x ({cap} + {SLACK} s slack)"
        by_time = None
        if self.total_runtime is not None:
            by_time = f"{self.parallel} at once x ({self.total_runtime:.0f} s + {SLACK} s slack)"
        known = [text for text in (by_jobs, by_time) if text is not None]
        text = known[0] if len(known) == 1 else f"(the lesser of {' and '.join(known)})"
        return text if self.instances == 1 else f"{text} x {self.instances} machines"


def caps_of(request: Request) -> Caps | None:
    """The caps that a request carries; None where it is none that starts training jobs."""
    body = request.body
    if request.operation == "CreateTrainingJob":
        return _caps(body, jobs=1)
    if request.operation != "CreateHyperParameterTuningJob":
        return None
    limits = body["HyperParameterTuningJobConfig"]["ResourceLimits"]
    return _caps(
        body["TrainingJobDefinition"],
        jobs=limits.get("MaxNumberOfTrainingJobs"),
        total_runtime=limits.get("MaxRuntimeInSeconds"),
        parallel=limits["MaxParallelTrainingJobs"],
    )


def _caps(body: Mapping[str, Any], *, jobs: int | None, total_runtime: float | None = None, parallel: int = 1) -> Caps:
    stopping, resources = body["StoppingCondition"], body["ResourceConfig"]
    return Caps(
        jobs=jobs,
        max_runtime=stopping["MaxRuntimeInSeconds"],
        instance=resources["InstanceType"],
        volume=resources.get("VolumeSizeInGB", 0),
        max_wait=stopping.get("MaxWaitTimeInSeconds"),
        total_runtime=total_runtime,
        parallel=parallel,
        instances=resources["InstanceCount"],
    )


def bound(region: str, request: Request) -> Cost | None:
    """The most that a request allows, read from the request alone; None where a price is not known, or nothing bounds it."""
    caps = caps_of(request)
    return None if caps is None else bound_of(region, caps)


def bound_of(region: str, caps: Caps) -> Cost | None:
    """The same for caps."""
    seconds, rate = caps.seconds(), _rate(region, caps.instance, caps.volume)
    if seconds is None or rate is None:
        return None
    slack = f"slack: {GRACE} s to stop, {TRANSFER} s for image, rows and results"
    amount = up(seconds * rate.per_second)
    return Cost(amount, "USD", "bound", f"{caps.words()} x {rate.words} = ${amount:.2f}; {slack}")


def autopilot_estimate(place: Mapping[str, Any], *, candidates: int | None, seconds: float | None) -> Cost | None:
    """What Autopilot may cost; an estimate, since it chooses its own machines. None where a price is not known.

    Args:
        place: has `region`, and `max_runtime`, the seconds of one training job.
        candidates: at most; None: as many as it makes by itself.
        seconds: of the whole job; None: no cap.
    """
    rate = _rate(place["region"], AUTOPILOT_MACHINE, place["volume"])
    if rate is None:
        return None
    count, each = candidates or AUTOPILOT_CANDIDATES, float(place["max_runtime"])
    work = f"{counted(count, 'candidate')} x {each:.0f} s"
    machine_seconds = count * each
    if seconds is not None and seconds * AUTOPILOT_PARALLEL < machine_seconds:
        machine_seconds, work = seconds * AUTOPILOT_PARALLEL, f"{AUTOPILOT_PARALLEL} at once x {seconds:.0f} s"
    amount = up((machine_seconds + AUTOPILOT_OVERHEAD) * rate.per_second)
    taken = f"as if it trained on {AUTOPILOT_MACHINE}; it chooses its machines itself"
    return Cost(
        amount,
        "USD",
        "estimate",
        f"({work} + {AUTOPILOT_OVERHEAD} s for looking at the rows) x {rate.words} = ${amount:.2f}, {taken}",
    )


def transform_estimate(place: Mapping[str, Any]) -> Cost | None:
    """What a batch transform of held-out rows may cost; an estimate, since the service has no cap on it."""
    region, instance = place["region"], place["instance"]
    price = prices.find(region, f"{prices.TRANSFORM}{instance}") or prices.find(region, instance)
    if price is None:
        return None
    amount = up(TRANSFORM_SECONDS / HOUR * price.usd)
    return Cost(
        amount,
        "USD",
        "estimate",
        f"{TRANSFORM_SECONDS} s x {price.words()} on {instance} = ${amount:.2f}; the service has no cap on a transform job",
    )


def actual(
    place: Mapping[str, Any], seconds_by_job: Mapping[str, float], *, instances: Mapping[str, str] | None = None
) -> Money | None:
    """Billable seconds times price; None where a price is not known.

    Args:
        place: has `region`, `instance` and `volume`.
        seconds_by_job: what the service bills, machines multiplied in; on spot machines its discount is in it.
        instances: the machine's type of each job, where it is not the place's.
    """
    total = 0.0
    for job, seconds in seconds_by_job.items():
        instance = (instances or {}).get(job, place.get("instance"))
        if instances is None and place.get("kind") == "autopilot":
            return None
        rate = _rate(place["region"], str(instance), place["volume"])
        if rate is None:
            return None
        total += seconds * rate.per_second
    return Money(round(total, 6))


def missing(place: Mapping[str, Any]) -> str | None:
    """The first thing without a price that a job at this place needs; None where all are known."""
    instance = AUTOPILOT_MACHINE if place.get("kind") == "autopilot" else place["instance"]
    needed = (instance,) if has_own_disk(instance) else (instance, prices.STORAGE)
    return next((what for what in needed if prices.find(place["region"], what) is None), None)


def fitting(region: str, caps: Caps, max_cost: float) -> tuple[int, int]:
    """The most trials, and the longest `max_runtime` in whole seconds, that cost no more than `max_cost`, the other as it is.

    0 is what none fits. Only for a region all of whose prices are known.
    """
    rate = _rate(region, caps.instance, caps.volume)
    assert rate is not None
    seconds = max_cost / rate.per_second / caps.instances
    waits = 1.0 if caps.max_wait is None else caps.max_wait / caps.max_runtime
    jobs = math.floor(seconds / (caps.max_runtime * waits + SLACK) + 1e-9)
    runtime = math.floor((seconds / caps.jobs - SLACK) / waits + 1e-9) if caps.jobs else 0
    return max(jobs, 0), max(runtime, 0)


def remains(place: Mapping[str, Any], uploads: Sequence[Upload], own: str) -> tuple[Remains, ...]:
    """What stays when a job has ended: the uploads, by folder; the folder `own` of the attempt; its logs.

    Args:
        place: has `region`, `bucket` and `prefix`.
        uploads: what travels.
        own: the attempt's folder, whose size nobody knows before.
    """
    return (
        *uploaded(naming.root(place), uploads, own, prices.find(place["region"], prices.S3)),
        Remains("models, checkpoints and tables that the job writes", own),
        Remains("logs in CloudWatch, which keeps them until they are deleted", "/aws/sagemaker/"),
    )


def monthly(region: str, bytes: int) -> float | None:
    """What so many bytes in S3 (Standard) cost a month, in US dollars; None where the region's price is not known."""
    return costing.monthly(prices.find(region, prices.S3), bytes)


@dataclass(frozen=True)
class _Rate:
    """What a second of a machine with its disk costs, and how that comes about."""

    per_second: float
    words: str


def _rate(region: str, instance: str, volume: float) -> _Rate | None:
    machine = prices.find(region, instance)
    if machine is None:
        return None
    words = f"{machine.words()} for {instance} in {region}"
    if has_own_disk(instance):
        return _Rate(machine.usd / HOUR, words)
    disk = prices.find(region, prices.STORAGE)
    if disk is None:
        return None
    return _Rate(machine.usd / HOUR + volume * disk.usd / MONTH, f"({words} + {volume:.0f} GB of disk x {disk.words()})")
