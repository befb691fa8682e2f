"""Rules of AutoML: its data set, what is imported into it, and the pipeline that trains."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.targets.vertex import task_inputs
from cloud_nas.targets.vertex.task_inputs import IMAGE, TABULAR

_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "number": ((int, float), "a number"),
    "whole": ((int,), "a whole number"),
    "text": ((str,), "a text"),
    "boolean": ((bool,), "true or false"),
    "list": ((list, tuple), "a list"),
    "mapping": ((Mapping,), "a mapping"),
}

_FRACTIONS = ("trainingFraction", "validationFraction", "testFraction")
_COLUMN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*", re.ASCII)
_INPUTS = "trainingPipeline.trainingTaskInputs"


def data_set_problems(location: str, data_set: Mapping[str, Any]) -> Iterator[str]:
    """Whether a table's rows are named, and images are offered there.

    Args:
        location: of the parent.
        data_set: what is made.
    """
    schema, metadata = data_set["metadataSchemaUri"].rpartition("/")[2], data_set.get("metadata")
    if not isinstance(metadata, Mapping):
        yield "dataset.metadata: a mapping is needed"
    elif schema.startswith("tabular_"):
        source = metadata.get("inputConfig")
        uris = source.get("gcsSource", {}).get("uri") if isinstance(source, Mapping) else None
        if not isinstance(uris, (list, tuple)) or not uris or not all(str(one).startswith("gs://") for one in uris):
            yield "dataset.metadata.inputConfig.gcsSource.uri: a list of gs://BUCKET/NAME is needed"
    elif schema.startswith("image_"):
        yield from _location(IMAGE, location)


def import_problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Whether each import says where from."""
    for index, one in enumerate(body["importConfigs"]):
        if "gcsSource" not in one:
            yield f"importConfigs[{index}].gcsSource: missing"


def pipeline_problems(location: str, pipeline: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a TrainingPipeline.

    Args:
        location: of the parent.
        pipeline: what is made.
    """
    data = pipeline.get("inputDataConfig")
    if data is None:
        yield "trainingPipeline.inputDataConfig: missing"
    else:
        yield from _split(data)
    if "modelToUpload" not in pipeline:
        yield "trainingPipeline.modelToUpload: missing, and the model would have no name"
    file = pipeline["trainingTaskDefinition"].rpartition("/")[2]
    definition = next((name for name in (TABULAR, IMAGE) if file.startswith(f"{name}_")), None)
    if definition is None:
        yield f"trainingPipeline.trainingTaskDefinition: {file!r} is none that is sent from here"
        return
    yield from _location(definition, location)
    inputs = pipeline["trainingTaskInputs"]
    found = list(_shape(definition, inputs))
    yield from found or (_table(inputs) if definition == TABULAR else _image(inputs))


def _location(definition: str, location: str) -> Iterator[str]:
    only = task_inputs.LOCATIONS.get(definition)
    if (only is not None and location not in only) or location in task_inputs.WITHOUT.get(definition, ()):
        where = f"it is in {' and '.join(only)} alone" if only else "it is in other regions"
        yield f"parent: AutoML ({definition}) is not offered in {location}; {where}"


def _split(data: Mapping[str, Any]) -> Iterator[str]:
    fractions = data.get("fractionSplit")
    given = [float(fractions[name]) for name in _FRACTIONS if name in fractions] if fractions is not None else []
    if given and not math.isclose(sum(given), 1.0, abs_tol=1e-9):
        yield f"trainingPipeline.inputDataConfig.fractionSplit: the parts sum to {sum(given):g}, not to 1"


def _shape(definition: str, inputs: Any) -> Iterator[str]:
    if not isinstance(inputs, Mapping):
        yield f"{_INPUTS}: a mapping is needed"
        return
    members = task_inputs.MEMBERS[definition]
    for name in task_inputs.REQUIRED[definition]:
        if inputs.get(name) in (None, "", []):
            yield f"{_INPUTS}.{name}: missing"
    for name, value in inputs.items():
        if name not in members:
            yield f"{_INPUTS}.{name}: there is no such member"
            continue
        types, called = _TYPES[members[name]]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield f"{_INPUTS}.{name}: {called} is needed, not {value!r:.60}"


def _table(inputs: Mapping[str, Any]) -> Iterator[str]:
    kind, objective = inputs["predictionType"], inputs.get("optimizationObjective")
    if kind not in task_inputs.OBJECTIVES:
        yield f"{_INPUTS}.predictionType: {kind!r} is none of {', '.join(task_inputs.OBJECTIVES)}"
    elif objective is not None and objective not in task_inputs.OBJECTIVES[kind]:
        yield f"{_INPUTS}.optimizationObjective: {objective!r} is none of {', '.join(task_inputs.OBJECTIVES[kind])}"
    for name, member in task_inputs.AT.items():
        if (objective == name) != (member in inputs):
            yield f"{_INPUTS}.{member}: goes with {name}, and only with it"
        elif member in inputs and not 0 <= inputs[member] <= 1:
            yield f"{_INPUTS}.{member}: from 0 to 1"
    yield from _budget(TABULAR, inputs["trainBudgetMilliNodeHours"], "trainBudgetMilliNodeHours")
    yield from _columns(inputs)


def _columns(inputs: Mapping[str, Any]) -> Iterator[str]:
    columns = []
    for index, one in enumerate(inputs["transformations"]):
        path = f"{_INPUTS}.transformations[{index}]"
        if not isinstance(one, Mapping) or len(one) != 1 or next(iter(one)) not in task_inputs.TRANSFORMATIONS:
            yield f"{path}: one of {', '.join(task_inputs.TRANSFORMATIONS)}"
            continue
        ((how, told),) = one.items()
        known = {"column_name", *task_inputs.TRANSFORMATIONS[how]}
        if not isinstance(told, Mapping) or not isinstance(told.get("column_name"), str) or not set(told) <= known:
            yield f"{path}.{how}: column_name is needed, and beside it at most {', '.join(task_inputs.TRANSFORMATIONS[how])}"
            continue
        columns.append(told["column_name"])
    for name in (*columns, inputs["targetColumn"]):
        if not _COLUMN.fullmatch(name):
            yield f"{_INPUTS}: {name!r} is no name of a column: letters, digits and _, which it does not begin with"
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield f"{_INPUTS}.transformations: {name} is there more than once"
    if inputs["targetColumn"] in columns:
        yield f"{_INPUTS}.transformations: {inputs['targetColumn']} is the target"
    if not 1 <= len(columns) <= 999:
        yield f"{_INPUTS}.transformations: {len(columns)} columns beside the target, 1 to 999"


def _image(inputs: Mapping[str, Any]) -> Iterator[str]:
    if inputs["modelType"] not in task_inputs.BUDGETS or inputs["modelType"] == TABULAR:
        known = ", ".join(name for name in task_inputs.BUDGETS if name != TABULAR)
        yield f"{_INPUTS}.modelType: {inputs['modelType']!r} is none of {known}"
    elif "budgetMilliNodeHours" in inputs:
        yield from _budget(inputs["modelType"], inputs["budgetMilliNodeHours"], "budgetMilliNodeHours")


def _budget(what: str, given: int, member: str) -> Iterator[str]:
    least, most = task_inputs.BUDGETS[what]
    if not least <= given <= most:
        yield f"{_INPUTS}.{member}: {given}, from {least} to {most}"
