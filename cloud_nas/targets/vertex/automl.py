"""From a search to a data set and a TrainingPipeline: the rows, the objective, the budget. What is searched is AutoML's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from cloud_nas.package import automl_names, vertex_import
from cloud_nas.package.automl_rows import TABLE
from cloud_nas.targets import travel
from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan, Remains, Request, Upload
from cloud_nas.targets.vertex import container, cost, naming, permissions, placement
from cloud_nas.targets.vertex.automl_losses import losses
from cloud_nas.targets.vertex.automl_rules import (
    CLOUD,
    FRACTIONS,
    MODELS,
    NAME,
    RISK,
    budget,
    chance_to_miss,
    check,
    model_of,
    objective_for,
    task_of,
)
from cloud_nas.targets.vertex.data_set import DATA_SET

IMPORT = "import"
"""What the parcel with the list of images is called."""

_SCHEMA = "gs://google-cloud-aiplatform/schema"
TABLES = f"{_SCHEMA}/dataset/metadata/tabular_1.0.0.yaml"
IMAGES = f"{_SCHEMA}/dataset/metadata/image_1.0.0.yaml"
LABELLED = f"{_SCHEMA}/dataset/ioformat/image_classification_single_label_io_format_1.0.0.yaml"
TABLE_TRAINING = f"{_SCHEMA}/trainingjob/definition/automl_tabular_1.0.0.yaml"
IMAGE_TRAINING = f"{_SCHEMA}/trainingjob/definition/automl_image_classification_1.0.0.yaml"

_TRANSFORMATIONS = {"number": "numeric", "date": "numeric", "boolean": "categorical", "category": "categorical", "text": "text"}
"""What the service makes of each kind of column; dates are numbers of days, as they are at home."""


def packed(job: Job) -> Job:
    """The job with the list of its images, which names where they are uploaded to."""
    if job.rows.kind != "image":
        return job
    listed = vertex_import.pack(job.parcels["rows"], naming.rows_uri(job))
    return dataclasses.replace(job, parcels={**job.parcels, IMPORT: listed})


def plan(job: Job) -> Plan:
    """What would be made.

    Args:
        job: its parcel `rows` is in the service's form; for images `packed` was asked.

    Raises:
        UsageError: AutoML would refuse such rows, or is not offered for them.
    """
    check(job)
    files = uploads(job)
    objective, task = objective_for(job), task_of(job)
    labels = automl_names.labels(job.rows.classes or ())
    place = placement.kept(
        job,
        "automl",
        goal=objective.goal,
        metric=objective.metric,
        task=task,
        model=model_of(job),
        target=None if task == "image" else _names(job).target,
        classes={label: name for name, label in labels.items()} if task == "image" else None,
    )
    return Plan(
        target=NAME,
        name=job.name,
        requests=tuple(requests(job)),
        uploads=files,
        losses=tuple(losses(job)),
        max_cost=cost.automl_estimate(place, node_hours=budget(job) / 1000),
        permissions=permissions.policies("automl", job.place),
        remains=(
            *cost.remains(job.place, files, naming.run_uri(job.place, job.name.run_id, job.name.attempt)),
            Remains("the data set and the model", naming.parent(job.place)),
        ),
        place=place,
        notes=tuple(_notes(job)),
    )


def requests(job: Job) -> Iterator[Request]:
    """The data set, for images what fills it, and the pipeline. What needs the data set's id has `{dataset}` there."""
    parent, labels, key = naming.parent(job.place), naming.labels(job, NAME), container.encryption(job.place)
    is_image = job.rows.kind == "image"
    data_set = {
        "displayName": job.name.remote,
        "metadataSchemaUri": IMAGES if is_image else TABLES,
        "metadata": {} if is_image else {"inputConfig": {"gcsSource": {"uri": [f"{naming.rows_uri(job)}{TABLE}"]}}},
        "labels": labels,
        **key,
    }
    yield Request("aiplatform", "CreateDataset", {"parent": parent, "dataset": data_set})
    if is_image:
        source = {"gcsSource": {"uris": [f"{_import_uri(job)}{vertex_import.IMPORT}"]}, "importSchemaUri": LABELLED}
        yield Request("aiplatform", "ImportData", {"name": f"{parent}/datasets/{DATA_SET}", "importConfigs": [source]})
    pipeline = {
        "displayName": job.name.remote,
        "inputDataConfig": {"datasetId": DATA_SET, "fractionSplit": dict(FRACTIONS)},
        "trainingTaskDefinition": IMAGE_TRAINING if is_image else TABLE_TRAINING,
        "trainingTaskInputs": _image_inputs(job) if is_image else _table_inputs(job),
        "modelToUpload": {"displayName": job.name.remote, "labels": labels, **key},
        "labels": labels,
        **key,
    }
    yield Request("aiplatform", "CreateTrainingPipeline", {"parent": parent, "trainingPipeline": pipeline})


def uploads(job: Job) -> tuple[Upload, ...]:
    """The rows' files, and the list of images; what is only for this machine stays here."""
    found = travel.uploads(job, {"rows": naming.rows_uri, IMPORT: _import_uri})
    return tuple(one for one in found if one.destination.endswith((f"/{TABLE}", ".png", f"/{vertex_import.IMPORT}")))


def _import_uri(job: Job) -> str:
    return f"{naming.root(job.place)}data/{job.parcels[IMPORT].sha256}/"


def _table_inputs(job: Job) -> dict[str, Any]:
    """AutoMlTablesInputs. Rows with a missing number count: the service would leave them out unasked."""
    names = _names(job)
    transformations = []
    for name, kind in job.rows.columns.items():
        how = _TRANSFORMATIONS[kind]
        allowed = {"invalid_values_allowed": True} if how == "numeric" else {}
        transformations.append({how: {"column_name": names.columns[name], **allowed}})
    return {
        "predictionType": task_of(job),
        "targetColumn": names.target,
        "transformations": transformations,
        "optimizationObjective": objective_for(job).name,
        "trainBudgetMilliNodeHours": budget(job),
        "disableEarlyStopping": False,
    }


def _image_inputs(job: Job) -> dict[str, Any]:
    """AutoMlImageClassificationInputs."""
    return {
        "modelType": MODELS[model_of(job)],
        "budgetMilliNodeHours": budget(job),
        "multiLabel": False,
        "disableEarlyStopping": False,
    }


def _names(job: Job) -> automl_names.Names:
    return automl_names.columns(job.rows.columns, job.definition.data.target)


def _notes(job: Job) -> Iterator[str]:
    yield "the budget is in node hours, and the service says that it may take more; cancelled it is charged, failed it is not"
    risk = chance_to_miss(job)
    if risk >= RISK:
        yield (
            f"the service divides the rows by chance, and fails where a class is not in every part: that chance is up to "
            f"{100 * risk:.0f} %; more rows of the rarest class make it small"
        )
    if job.rows.kind != "image":
        yield "the model stays at the service: evaluate has it score the held-out rows there, which costs a little"
    elif model_of(job) == CLOUD:
        yield "the model stays at the service; one of the edge models (targets.vertex.automl.model) could be brought home"
    else:
        yield "an edge model is brought home and scored here; the service cannot serve it"
