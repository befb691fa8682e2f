"""What Vertex AI refuses of AutoML's resources at once. What is wrong with the rows comes out only as they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.rehearse.gcp.answers import Refused, require
from cloud_nas.rehearse.gcp.world import World

Json = Mapping[str, Any]

_SCHEMAS = "gs://google-cloud-aiplatform/schema/"
_DATA_SETS = tuple(f"{_SCHEMAS}dataset/metadata/{kind}_1.0.0.yaml" for kind in ("tabular", "image"))
_TABULAR, _IMAGE = (
    f"{_SCHEMAS}trainingjob/definition/{kind}_1.0.0.yaml" for kind in ("automl_tabular", "automl_image_classification")
)
_OBJECTIVES = {
    "classification": (
        "maximize-au-roc", "minimize-log-loss", "maximize-au-prc", "maximize-precision-at-recall", "maximize-recall-at-precision",
    ),
    "regression": ("minimize-rmse", "minimize-mae", "minimize-rmsle"),
}  # fmt: skip
_BUDGETS = {"CLOUD": (8_000, 800_000), "CLOUD_1": (8_000, 800_000), "MOBILE": (1_000, 100_000), "table": (1_000, 72_000)}
_IMAGE_LOCATIONS = ("us-central1", "europe-west4")
_NO_TABLES = ("us-east5", "me-central1", "me-central2", "africa-south1")
_TRANSFORMATIONS = (
    "auto", "numeric", "categorical", "timestamp", "text", "repeated_numeric", "repeated_categorical", "repeated_text",
)  # fmt: skip


def data_set(resource: Json, world: World) -> None:
    """A data set; raises `Refused`."""
    require(resource.get("metadataSchemaUri") in _DATA_SETS, "metadata_schema_uri is not one that is supported.")
    if resource["metadataSchemaUri"] == _DATA_SETS[1]:
        _in(_IMAGE_LOCATIONS, world)


def pipeline(resource: Json, world: World) -> None:
    """A training pipeline; raises `Refused`."""
    asked, inputs = resource.get("inputDataConfig", {}), resource.get("trainingTaskInputs", {})
    definition = resource.get("trainingTaskDefinition")
    require(definition in (_TABULAR, _IMAGE), f"training_task_definition is not one that is supported: {definition}")
    found = _data_set(str(asked.get("datasetId", "")), world)
    is_image = definition == _IMAGE
    same = found.request["metadataSchemaUri"] == _DATA_SETS[is_image]
    require(same, "The type of the dataset is not that of the training task.")
    fractions = asked.get("fractionSplit")
    if fractions is not None:
        require(abs(sum(map(float, fractions.values())) - 1) < 1e-6, "The fractions of fraction_split must sum to 1.")
    require(bool(resource.get("modelToUpload", {}).get("displayName")), "model_to_upload.display_name is required.")
    (_images if is_image else _table)(inputs, world)


def batch(resource: Json, world: World) -> None:
    """A batch prediction; raises `Refused`."""
    model = world.find(str(resource.get("model", "")))
    source, sink = resource.get("inputConfig", {}), resource.get("outputConfig", {})
    kinds = ("csv", "jsonl", "bigquery") if "targetColumn" in model.pipeline.inputs else ("jsonl",)
    require(source.get("instancesFormat") in kinds, f"instances_format must be one of {', '.join(kinds)}.")
    require(sink.get("predictionsFormat") in kinds, f"predictions_format must be one of {', '.join(kinds)}.")
    require(bool(source.get("gcsSource", {}).get("uris")), "input_config.gcs_source is required.")
    prefix = str(sink.get("gcsDestination", {}).get("outputUriPrefix", ""))
    require(prefix.startswith("gs://"), "output_config.gcs_destination is required.")
    if "targetColumn" in model.pipeline.inputs:
        require("machineSpec" in resource.get("dedicatedResources", {}), "dedicated_resources is required for this model.")
    else:
        require("dedicatedResources" not in resource, "The model does not support DEDICATED_RESOURCES.")


def _table(inputs: Json, world: World) -> None:
    require(world.location not in _NO_TABLES, f"AutoML for tabular data is not available in {world.location}.")
    kind = inputs.get("predictionType")
    require(kind in _OBJECTIVES, f"predictionType is not one that is supported: {kind}")
    objective = inputs.get("optimizationObjective")
    require(objective is None or objective in _OBJECTIVES[str(kind)], f"optimizationObjective {objective} is none of {kind}.")
    require(bool(inputs.get("targetColumn")), "targetColumn is required.")
    require(bool(inputs.get("transformations")), "transformations is required.")
    for one in inputs["transformations"]:
        known = len(one) == 1 and next(iter(one)) in _TRANSFORMATIONS
        require(known and bool(next(iter(one.values())).get("column_name")), f"Invalid transformation: {one}")
        require(next(iter(one.values()))["column_name"] != inputs["targetColumn"], "The target column cannot be transformed.")
    _budget(inputs.get("trainBudgetMilliNodeHours"), _BUDGETS["table"])


def _images(inputs: Json, world: World) -> None:
    _in(_IMAGE_LOCATIONS, world)
    model = str(inputs.get("modelType"))
    limits = _BUDGETS.get("MOBILE" if model.startswith("MOBILE_TF_") else model)
    require(limits is not None, f"modelType is not one that is supported: {model}")
    assert limits is not None
    if "budgetMilliNodeHours" in inputs:
        _budget(inputs["budgetMilliNodeHours"], limits)


def _budget(asked: Any, limits: tuple[int, int]) -> None:
    low, high = limits
    require(
        asked is not None and low <= int(asked) <= high, f"The training budget must be between {low} and {high} milli node hours."
    )


def _in(locations: tuple[str, ...], world: World) -> None:
    require(world.location in locations, f"AutoML for images is not available in {world.location}.")


def _data_set(number: str, world: World) -> Any:
    try:
        return world.find(f"{world.parent}/datasets/{number}")
    except Refused:
        raise Refused(400, f"The dataset {number} does not exist.") from None
