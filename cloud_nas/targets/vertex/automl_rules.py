"""What Vertex AI's AutoML takes: rows, objectives, budgets, regions. From its protos and its pages of 2026."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cloud_nas.errors import UsageError
from cloud_nas.targets.job import Job
from cloud_nas.targets.refusing import refused

NAME = "vertex:automl"
CLOUD = "cloud"

FEWEST_ROWS, MOST_ROWS = 1_000, 100_000_000
MOST_COLUMNS = 1_000
"""The target's among them."""

MOST_CLASSES, MOST_LABELS = 500, 5_000
FEWEST_IMAGES = 10
"""Of each label; and rows of each class of a table, so that one of them can be expected in each part that the service draws."""

MOST_IMAGES = 1_000_000
MOST_BYTES, MOST_IMAGE_BYTES = 10 * 10**9, 30 * 2**20
"""Of the table's file, and of one image."""

IMAGE_LOCATIONS = ("europe-west4", "us-central1")
NOT_TABLES = ("africa-south1", "me-central1", "me-central2", "us-east5")

FRACTIONS = {"trainingFraction": 0.8, "validationFraction": 0.1, "testFraction": 0.1}
"""How the service divides the rows that it gets, by chance; its own default."""

RISK = 0.01
"""From this chance on that a class misses a part, which ends the training with an error, the plan says so."""

MODELS = {
    CLOUD: "CLOUD",
    "edge-fast": "MOBILE_TF_LOW_LATENCY_1",
    "edge-balanced": "MOBILE_TF_VERSATILE_1",
    "edge-accurate": "MOBILE_TF_HIGH_ACCURACY_1",
}
"""Kinds of models of images, and what the service calls them."""

Task = Literal["classification", "regression", "image"]

_BUDGETS = {"table": (1_000, 72_000), "cloud": (8_000, 800_000), "edge": (1_000, 100_000)}
"""The least and the most thousandths of a node hour."""

_NODES = {"table": 1, "cloud": 8, "edge": 1}
"""How many nodes work at once, as far as the service says: so many node hours pass in an hour."""


@dataclass(frozen=True)
class Objective:
    """What the service is to optimise.

    Attributes:
        name: its own name; None for images, where there is nothing to choose.
        metric: the key of its evaluations that has it.
        goal: of that metric.
        same: whether it is what the spec asks for.
    """

    name: str | None
    metric: str
    goal: Literal["maximize", "minimize"]
    same: bool


METRICS: dict[str, tuple[str, Literal["maximize", "minimize"]]] = {
    "maximize-au-roc": ("auRoc", "maximize"),
    "maximize-au-prc": ("auPrc", "maximize"),
    "minimize-log-loss": ("logLoss", "minimize"),
    "minimize-rmse": ("rootMeanSquaredError", "minimize"),
    "minimize-mae": ("meanAbsoluteError", "minimize"),
    "minimize-rmsle": ("rootMeanSquaredLogError", "minimize"),
}
"""For each objective of tables, the key of the service's evaluations that has it, and its goal."""

_SAME = {"auc": "maximize-au-roc", "log_loss": "minimize-log-loss", "rmse": "minimize-rmse", "mae": "minimize-mae"}
_NEAREST = {"f1": "maximize-au-prc", "precision": "maximize-au-prc", "recall": "maximize-au-prc"}
_KNOWN = {
    "binary": ("maximize-au-roc", "minimize-log-loss", "maximize-au-prc"),
    "multiclass": ("minimize-log-loss",),
    "regression": ("minimize-rmse", "minimize-mae", "minimize-rmsle"),
}
"""Each kind of problem's objectives, the service's default first. Those that need a further number are not offered."""


def task_of(job: Job) -> Task:
    """What the job is to the service."""
    if job.rows.kind == "image":
        return "image"
    return "regression" if job.rows.classes is None else "classification"


def model_of(job: Job) -> str:
    """Which kind of model; a table's stays at the service."""
    return str(job.place["automl"]["model"]) if job.rows.kind == "image" else CLOUD


def objective_for(job: Job) -> Objective:
    """What AutoML is to optimise: what the place's section names, else the same as the spec, else the nearest that it has."""
    ours, chosen = job.definition.objective.metric, job.place["automl"]["objective"]
    if job.rows.kind == "image":
        return Objective(None, *METRICS["maximize-au-prc"], same=False)
    known = _KNOWN[_problem(job)]
    name = chosen or _SAME.get(ours) or _NEAREST.get(ours)
    name = name if name in known else known[0]
    return Objective(name, *METRICS[name], same=_SAME.get(ours) == name)


def budget(job: Job) -> int:
    """The budget in thousandths of a node hour: `node_hours`, else what `budget.time` comes to, else the least.

    Of a time that is no budget of the service's, the nearest that is one.
    """
    least, most = budgets(job)
    hours = job.place["automl"]["node_hours"]
    if hours is not None:
        return round(1000 * float(hours))
    seconds = job.definition.budget.seconds
    return least if seconds is None else min(most, max(least, math.floor(seconds / 3.6 * _NODES[_budget_kind(job)])))


def budgets(job: Job) -> tuple[int, int]:
    """The least and the most that a budget can be, in thousandths of a node hour."""
    return _BUDGETS[_budget_kind(job)]


def time_fits(job: Job) -> bool:
    """Whether `budget.time`, where it counts, is a budget that the service takes."""
    seconds = job.definition.budget.seconds
    least, most = budgets(job)
    return seconds is None or least <= seconds / 3.6 * _NODES[_budget_kind(job)] <= most


def chance_to_miss(job: Job) -> float:
    """The chance that some class is in not every part that the service draws; an upper bound, by counting each part by itself."""
    classes = job.rows.classes or {}
    return min(1.0, sum((1 - part) ** sum(counts) for counts in classes.values() for part in FRACTIONS.values()))


def check(job: Job) -> None:
    """Ends here where AutoML would refuse the job, or could only fail.

    Raises:
        UsageError: the message says which rule is broken, and the way out.
    """
    _check_kind(job)
    _check_location(job)
    if job.rows.kind == "table":
        _check_table(job)
    else:
        _check_images(job)
    _check_classes(job)
    _check_section(job)


def _check_kind(job: Job) -> None:
    kind = job.rows.kind
    if kind == "array":
        raise _refused("its rows are arrays", "AutoML takes images and tables; use --on vertex:tuning")
    if kind == "text":
        raise _refused("AutoML for texts is no longer offered by the service", "use --on vertex:tuning, which trains on texts")
    if kind == "image" and job.rows.classes is None:
        raise _refused(
            "AutoML classifies images and predicts no numbers for them", "use --on vertex:tuning for a regression of images"
        )


def _check_location(job: Job) -> None:
    location = job.place["location"]
    if job.rows.kind == "image" and location not in IMAGE_LOCATIONS:
        raise _refused(
            f"AutoML for images is not in {location}",
            f"targets: {{vertex: {{location: {IMAGE_LOCATIONS[0]}}}}}, or {IMAGE_LOCATIONS[1]}, with a bucket there",
        )
    if job.rows.kind == "table" and location in NOT_TABLES:
        raise _refused(f"AutoML for tables is not in {location}", "take another location, with a bucket there")


def _check_table(job: Job) -> None:
    rows = job.rows.train + job.rows.validation
    if rows < FEWEST_ROWS:
        raise _refused(
            f"{rows} rows are left beside the held-out ones, and it needs {FEWEST_ROWS:,}",
            "hold out fewer rows (data.split), bring more, or use --on vertex:tuning, which takes any number",
        )
    if rows > MOST_ROWS:
        raise _refused(f"{rows:,} rows are more than its {MOST_ROWS:,}", "use --on vertex:tuning")
    columns = len(job.rows.columns) + 1
    if columns > MOST_COLUMNS:
        raise _refused(f"{columns} columns are more than its {MOST_COLUMNS:,}", "leave some out (data.columns)")
    size = sum(one.bytes for one in job.parcels["rows"].files)
    if size > MOST_BYTES:
        raise _refused(f"the rows are {size} bytes, and a file may have {MOST_BYTES}", "use --on vertex:tuning")


def _check_images(job: Job) -> None:
    rows = job.rows.train + job.rows.validation
    if rows > MOST_IMAGES:
        raise _refused(f"{rows:,} images are more than its {MOST_IMAGES:,}", "use --on vertex:tuning")
    large = [one for one in job.parcels["rows"].files if one.path.endswith(".png") and one.bytes > MOST_IMAGE_BYTES]
    if large:
        raise _refused(
            f"an image has {large[0].bytes} bytes, and it takes {MOST_IMAGE_BYTES}", "make the images smaller (data.image)"
        )


def _check_classes(job: Job) -> None:
    classes = job.rows.classes
    if classes is None:
        return
    if len(classes) < 2:
        raise _refused("the rows are all of one class", "a classification has two classes or more")
    most, what = (MOST_LABELS, "images") if job.rows.kind == "image" else (MOST_CLASSES, "rows")
    if len(classes) > most:
        raise _refused(f"{len(classes):,} classes are more than its {most:,}", "use --on vertex:tuning, which takes any number")
    few = [(name, sum(counts)) for name, counts in classes.items() if sum(counts) < FEWEST_IMAGES]
    if few:
        name, count = few[0]
        raise _refused(
            f"the class {name!r} has {count} {what} beside the held-out ones, and it needs {FEWEST_IMAGES} to be in every part",
            "leave that class out, or bring more of it",
        )


def _check_section(job: Job) -> None:
    """What the spec says for AutoML alone."""
    chosen = job.place["automl"]
    if chosen["model"] != CLOUD and job.rows.kind != "image":
        raise _refused("there are edge models of images only", "targets: {vertex: {automl: {model: cloud}}}")
    objective = chosen["objective"]
    known = () if job.rows.kind == "image" else _KNOWN[_problem(job)]
    if objective is not None and objective not in known:
        have = f"it has {', '.join(known)}" if known else "leave `objective` out: for images there is nothing to choose"
        raise _refused(f"a {_problem(job)} problem has no objective {objective!r}", have)
    least, most = budgets(job)
    hours = chosen["node_hours"]
    if hours is not None and not least <= 1000 * hours <= most:
        raise _refused(
            f"a budget of {hours:g} node hours is not between {least / 1000:g} and {most / 1000:g}",
            f"targets: {{vertex: {{automl: {{node_hours: {least / 1000:g}}}}}}}",
        )


def _problem(job: Job) -> str:
    if job.rows.classes is None:
        return "regression"
    return "binary" if len(job.rows.classes) == 2 else "multiclass"


def _budget_kind(job: Job) -> str:
    if job.rows.kind != "image":
        return "table"
    return "cloud" if model_of(job) == CLOUD else "edge"


def _refused(what: str, hint: str) -> UsageError:
    return refused(what, hint, NAME)
