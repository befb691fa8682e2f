"""From a search to CreateAutoMLJobV2: the rows, the objective, the budget. What is searched is Autopilot's own, and said so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cloud_nas.package.automl_names import columns
from cloud_nas.targets import automl_losses
from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import loss
from cloud_nas.targets.plan import Loss, Plan, Request
from cloud_nas.targets.sagemaker import container, cost, naming, permissions
from cloud_nas.targets.sagemaker.autopilot_rules import check, metric_for, problem_type
from cloud_nas.targets.sagemaker.placement import kept

NAME = "sagemaker:autopilot"
_WHO = "Autopilot"
_MACHINES = ("instance", "parallel", "image", "volume", "spot", "isolated")
_CONTENT = {"image": "image/png", "table": "text/csv;header=present", "text": "text/csv;header=present"}


def plan(job: Job) -> Plan:
    """What would be made.

    Args:
        job: its parcel `rows` is in AutoML's form.

    Raises:
        UsageError: Autopilot would refuse such rows.
    """
    check(job)
    uploads = container.uploads(job)
    metric = metric_for(job)
    return Plan(
        target=NAME,
        name=job.name,
        requests=(Request("sagemaker", "CreateAutoMLJobV2", body(job)),),
        uploads=uploads,
        losses=tuple(losses(job)),
        max_cost=cost.autopilot_estimate(
            job.place, candidates=job.definition.budget.trials, seconds=job.definition.budget.seconds
        ),
        permissions=permissions.policies("autopilot", job.place),
        remains=cost.remains(job.place, uploads, naming.run_uri(job.place, job.name.run_id, job.name.attempt)),
        place=kept(job, "autopilot", goal=metric.goal, metric=metric.name),
        notes=("Autopilot chooses its own machines, so that no cap in the request bounds what it costs",),
    )


def body(job: Job) -> dict[str, Any]:
    """The request."""
    place = job.place
    channels = [
        {
            "ChannelType": kind,
            "ContentType": _CONTENT[job.rows.kind],
            "CompressionType": "None",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{naming.rows_uri(job)}{folder}/"}},
        }
        for kind, folder in (("training", "train"), ("validation", "validation"))
    ]
    security = _security(place)
    return {
        "AutoMLJobName": job.name.remote,
        "AutoMLJobInputDataConfig": channels,
        "OutputDataConfig": container.output(job),
        "AutoMLProblemTypeConfig": _problem(job),
        "AutoMLJobObjective": {"MetricName": metric_for(job).name},
        "RoleArn": place["role"],
        **({"SecurityConfig": security} if security else {}),
        "Tags": naming.tags(job, NAME),
    }


def losses(job: Job) -> Iterator[Loss]:
    """All that Autopilot does not take, in the spec's order."""
    metric, budget = metric_for(job), job.definition.budget
    yield from automl_losses.of_search(
        job,
        _WHO,
        None if metric.same else f"its {metric.name}",
        f"{_WHO} makes its own, and keeps its candidates' files in the bucket",
    )
    yield from automl_losses.of_epochs(job, f"{_WHO} counts candidates and seconds")
    if budget.trials is not None and job.rows.kind != "table":
        why = f"for images and texts {_WHO} trains one candidate"
        yield loss(job, "CN356", "budget.trials", "the cap on trials", why, "dropped")
    yield from automl_losses.of_code(job, _WHO)
    yield from automl_losses.of_machines(job, "targets.sagemaker", _MACHINES, _WHO)
    if job.rows.kind == "table" and job.place["autopilot"]["mode"] == "ensembling":
        what, why = "the validation rows as the only judge", "ensembling validates by k-fold over the training rows as well"
        yield loss(job, "CN359", "data.split.validation", what, why, "approximated")


def _problem(job: Job) -> dict[str, Any]:
    """The part of the request that each kind of problem has of its own."""
    criteria = _criteria(job)
    if job.rows.kind == "image":
        return {"ImageClassificationJobConfig": {"CompletionCriteria": criteria}}
    names = columns(job.rows.columns, job.definition.data.target)
    if job.rows.kind == "text":
        (content,) = names.columns.values()
        return {
            "TextClassificationJobConfig": {
                "CompletionCriteria": criteria,
                "ContentColumn": content,
                "TargetLabelColumn": names.target,
            }
        }
    chosen = job.place["autopilot"]
    algorithms = {"AlgorithmsConfig": [{"AutoMLAlgorithms": list(chosen["algorithms"])}]} if chosen["algorithms"] else {}
    return {
        "TabularJobConfig": {
            **({"CandidateGenerationConfig": algorithms} if algorithms else {}),
            "CompletionCriteria": criteria,
            "Mode": chosen["mode"].upper(),
            "ProblemType": problem_type(job),
            "TargetAttributeName": names.target,
        }
    }


def _criteria(job: Job) -> dict[str, int]:
    budget = job.definition.budget
    found: dict[str, int] = {}
    if job.rows.kind != "table":
        found["MaxCandidates"] = 1
    elif budget.trials is not None:
        found["MaxCandidates"] = budget.trials
    whole = None if budget.seconds is None else max(1, int(budget.seconds))
    if job.rows.kind == "table":
        one = max(1, int(job.place["max_runtime"]))
        found["MaxRuntimePerTrainingJobInSeconds"] = one if whole is None else min(one, whole)
    if whole is not None:
        found["MaxAutoMLJobRuntimeInSeconds"] = whole
    return found


def _security(place: Any) -> dict[str, Any]:
    key = {"VolumeKmsKeyId": place["kms_key"]} if place["kms_key"] else {}
    return key | container.vpc(place)
