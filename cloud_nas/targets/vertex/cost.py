"""What a job can cost at most, what it has cost, and what stays of it costs a month; in US dollars, from the price table.

The service's cap is on the run time of one start of one job. Nothing says that a machine is free while it loads the image or
ends, so every start is given a slack; and where the service may start a job again, every start counts whole, since nothing says
that the cap is on all of them together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloud_nas.spec.google_machines import OWN_GPUS
from cloud_nas.states import Money
from cloud_nas.targets import costing
from cloud_nas.targets.costing import HOUR, MONTH, counted, up, uploaded
from cloud_nas.targets.plan import Cost, Remains, Request, Upload
from cloud_nas.targets.vertex import naming, prices
from cloud_nas.targets.vertex.limits import SECONDS

SLACK = 600
"""Seconds a start that may be billed beside the cap: for image, start and end. Google names no limit; this is ours."""

PREEMPTIONS = 6
"""How often a job on spot machines is started again because its machine was taken away."""

RETRIES = 5
"""How often a job is started again unless that is disabled: 3 times after crashes, and 2 after errors of the service itself."""

BATCH_SECONDS = 3600
"""What a batch prediction of held-out rows is taken to last; the service has no cap on it."""


@dataclass(frozen=True)
class Caps:
    """What a request allows: so many jobs, each started so often, each start of so many seconds.

    A job has `machines` machines of type `machine`, each with `accelerators` GPUs of type `accelerator` (None: without any) and
    `volume` GB of disk.
    """

    jobs: int
    timeout: float
    machine: str
    accelerator: str | None = None
    accelerators: int = 0
    volume: float = 0.0
    spot: bool = False
    retries: bool = False
    machines: int = 1

    @property
    def starts(self) -> int:
        """How often one job may be started, by Google's own numbers."""
        return 1 + (PREEMPTIONS if self.spot else 0) + (RETRIES if self.retries else 0)

    def seconds(self) -> float:
        """Machine-seconds that may be billed at most, slack and all."""
        return self.jobs * self.starts * (self.timeout + SLACK) * self.machines

    def words(self) -> str:
        """The same as a formula."""
        again = [f"{PREEMPTIONS} after preemption"] if self.spot else []
        again += [f"{RETRIES} after errors"] if self.retries else []
        starts = f" x {self.starts} starts (1, {', '.join(again)})" if again else ""
        machines = f" x {self.machines} machines" if self.machines != 1 else ""
        return f"{counted(self.jobs, 'job')}{starts} x ({self.timeout:.0f} s + {SLACK} s slack){machines}"


def caps_of(request: Request) -> Caps | None:
    """The caps that a request carries; None where it is none that starts training jobs of ours."""
    if request.operation == "CreateCustomJob":
        return _caps(request.body["customJob"]["jobSpec"], jobs=1)
    if request.operation == "CreateHyperparameterTuningJob":
        job = request.body["hyperparameterTuningJob"]
        return _caps(job["trialJobSpec"], jobs=int(job["maxTrialCount"]))
    return None


def _caps(spec: Mapping[str, Any], *, jobs: int) -> Caps:
    (pool,) = spec["workerPoolSpecs"]
    machine, scheduling = pool["machineSpec"], spec.get("scheduling", {})
    return Caps(
        jobs=jobs,
        timeout=float(str(scheduling.get("timeout", f"{SECONDS}s")).removesuffix("s")),
        machine=machine["machineType"],
        accelerator=machine.get("acceleratorType"),
        accelerators=int(machine.get("acceleratorCount", 0)),
        volume=float(pool.get("diskSpec", {}).get("bootDiskSizeGb", 100)),
        spot=scheduling.get("strategy") == "SPOT",
        retries=not scheduling.get("disableRetries", False),
        machines=int(pool.get("replicaCount", 1)),
    )


def bound(place: Mapping[str, Any], request: Request) -> Cost | None:
    """The most that a request allows, read from the request alone; None where a price is not known, or nothing bounds it.

    Args:
        place: has `location`.
        request: of the plan.
    """
    caps = caps_of(request)
    return None if caps is None else bound_of(str(place["location"]), caps)


def bound_of(location: str, caps: Caps) -> Cost | None:
    """The same for caps."""
    rate = _rate(location, caps.machine, caps.accelerator, caps.accelerators, caps.volume)
    if rate is None:
        return None
    amount = up(caps.seconds() * rate.per_second)
    notes = "slack: image, start and end of each job"
    if caps.spot:
        notes += "; the discount of spot machines is not counted"
    return Cost(amount, "USD", "bound", f"{caps.words()} x {rate.words} = ${amount:.2f}; {notes}")


def fitting(location: str, caps: Caps, max_cost: float) -> tuple[int, int]:
    """The most trials, and the longest `max_runtime` in whole seconds, that cost no more than `max_cost`, the other as it is.

    0 is what none fits. Only for a location all of whose prices are known.
    """
    rate = _rate(location, caps.machine, caps.accelerator, caps.accelerators, caps.volume)
    assert rate is not None
    seconds = max_cost / rate.per_second / caps.machines / caps.starts
    jobs = math.floor(seconds / (caps.timeout + SLACK) + 1e-9)
    runtime = math.floor(seconds / caps.jobs - SLACK + 1e-9)
    return max(jobs, 0), min(max(runtime, 0), SECONDS)


def automl_estimate(place: Mapping[str, Any], *, node_hours: float) -> Cost | None:
    """What AutoML may cost; an estimate, since it may train longer than its budget. None where the price is not known.

    Args:
        place: has `location`, `task` and `model`.
        node_hours: the budget.
    """
    price = prices.find(str(place["location"]), node_of(place))
    if price is None:
        return None
    amount = up(node_hours * price.usd)
    hours = "1 node hour" if node_hours == 1 else f"{node_hours:g} node hours"
    said = "it may take longer than its budget; what is cancelled is charged, what fails is not"
    return Cost(amount, "USD", "estimate", f"{hours} x {price.words()} = ${amount:.2f}; {said}")


def batch_estimate(place: Mapping[str, Any], *, machine: str | None = None) -> Cost | None:
    """What a batch prediction of held-out rows may cost; an estimate, since the service has no cap on it.

    Args:
        place: has `location`, `task` and `machine`.
        machine: the one that predicts; None: the place's. Images are predicted by nodes of Google's own.
    """
    named = machine or str(place["machine"])
    what, called = (prices.BATCH_IMAGE, "a node") if place.get("task") == "image" else (named, named)
    price = prices.find(str(place["location"]), what)
    if price is None:
        return None
    amount = up(BATCH_SECONDS / HOUR * price.usd)
    said = "the service has no cap on a batch prediction job"
    return Cost(amount, "USD", "estimate", f"{BATCH_SECONDS} s x {price.words()} on {called} = ${amount:.2f}; {said}")


def actual(place: Mapping[str, Any], seconds_by_job: Mapping[str, float]) -> Money | None:
    """Seconds of machines times price, which on spot machines is more than is billed; None where a price is not known.

    Of AutoML see `automl_actual`: its machines are Google's own affair, and seconds tell nothing.

    Args:
        place: has `location`, `machine`, `accelerator`, `accelerators` and `volume`.
        seconds_by_job: how long each job's machines were there.
    """
    if place.get("kind") == "automl":
        return None
    rate = _rate_of(place)
    return None if rate is None else Money(round(sum(seconds_by_job.values()) * rate.per_second, 6))


def automl_actual(place: Mapping[str, Any], node_hours: float) -> Money | None:
    """Node hours, where the service tells how many it took, times price; None where that is not known."""
    price = prices.find(str(place["location"]), node_of(place))
    return None if price is None else Money(round(node_hours * price.usd, 6))


def node_of(place: Mapping[str, Any]) -> str:
    """What AutoML's node hours are priced as, by the place's `task` and `model`."""
    if place.get("task") != "image":
        return prices.AUTOML_TABULAR
    return prices.AUTOML_IMAGE if place.get("model", "cloud") == "cloud" else prices.AUTOML_EDGE


def missing(place: Mapping[str, Any]) -> str | None:
    """The first thing without a price that a job at this place needs; None where all are known."""
    location = str(place.get("location", ""))
    if place.get("kind") == "automl":
        needed = [node_of(place)]
    else:
        needed = [what for what, _ in _parts(place["machine"], place.get("accelerator"), place.get("accelerators", 0))]
        needed.append(prices.STORAGE)
    return next((what for what in needed if prices.find(location, what) is None), None)


def remains(place: Mapping[str, Any], uploads: Sequence[Upload], own: str) -> tuple[Remains, ...]:
    """What stays when a job has ended: the uploads, by folder; the folder `own` of the attempt; its logs.

    Args:
        place: has `project`, `location`, `bucket` and `prefix`.
        uploads: what travels.
        own: the attempt's folder, whose size nobody knows before.
    """
    return (
        *uploaded(naming.root(place), uploads, own, prices.find(str(place["location"]), prices.GCS)),
        Remains("models, checkpoints and tables that the job writes", own),
        Remains("logs in Cloud Logging, which keeps them for 30 days unless told", f"projects/{place['project']}/logs/"),
    )


def monthly(location: str, bytes: int) -> float | None:
    """What so many bytes in Cloud Storage (Standard) cost a month, in US dollars; None where the price is not known."""
    return costing.monthly(prices.find(location, prices.GCS), bytes)


@dataclass(frozen=True)
class _Rate:
    """What a second of a machine with its GPUs and its disk costs, and how that comes about."""

    per_second: float
    words: str


def _rate_of(place: Mapping[str, Any]) -> _Rate | None:
    return _rate(
        str(place["location"]), place["machine"], place.get("accelerator"), int(place.get("accelerators") or 0), place["volume"]
    )


def _rate(location: str, machine: str, accelerator: str | None, accelerators: int, volume: float) -> _Rate | None:
    per_second, words = 0.0, []
    for what, count in _parts(machine, accelerator, accelerators):
        price = prices.find(location, what)
        if price is None:
            return None
        per_second += count * price.usd / HOUR
        words.append(f"{f'{count} x ' if count != 1 else ''}{price.words()} for {what} in {location}")
    disk = prices.find(location, prices.STORAGE)
    if disk is None:
        return None
    words.append(f"{volume:.0f} GB of disk x {disk.words()}")
    return _Rate(per_second + volume * disk.usd / MONTH, f"({' + '.join(words)})")


def _parts(machine: str, accelerator: str | None, accelerators: int) -> list[tuple[str, int]]:
    """What is priced, and how many of it; a machine that comes with GPUs is priced with them."""
    own = machine in OWN_GPUS or accelerator is None
    return [(machine, 1)] if own else [(machine, 1), (str(accelerator), accelerators or 1)]
