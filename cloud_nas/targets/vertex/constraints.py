"""What a member of a request may be, beyond its type: lengths, forms, ranges; from the protos' comments and Google's pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Constraint:
    """Of a text: its length and form. Of a number: its range. Of a list: its length, and what `each` entry may be.

    Attributes:
        least: at least so many characters or entries, or this number.
        most: at most.
        form: a regular expression that a text is of as a whole.
        called: what such a text is called.
        among: the texts that there are.
        each: of a list's entries.
    """

    least: float | None = None
    most: float | None = None
    form: str | None = None
    called: str = ""
    among: tuple[str, ...] = ()
    each: Constraint | None = None

    def of_count(self, count: int, path: str) -> Iterator[str]:
        """What is wrong with the length of a list."""
        yield from self._bounds(count, path, " entries")

    def of_value(self, value: Any, path: str) -> Iterator[str]:
        """What is wrong with a text or a number."""
        if not isinstance(value, str):
            yield from self._bounds(value, path, "")
            return
        yield from self._bounds(len(value), path, " characters")
        if self.form is not None and not re.fullmatch(self.form, value, re.ASCII):
            yield f"{path}: {value[:60]!r} is not {self.called}"
        if self.among and value not in self.among:
            yield f"{path}: {value[:60]!r} is none of {', '.join(self.among)}"

    def _bounds(self, measured: float, path: str, unit: str) -> Iterator[str]:
        if self.least is not None and measured < self.least:
            yield f"{path}: {measured:.17g}{unit}, {self.least:.17g} at least"
        if self.most is not None and measured > self.most:
            yield f"{path}: {measured:.17g}{unit}, {self.most:.17g} at most"


_PLACE = r"projects/[^/\s]+/locations/[a-z0-9-]+"
_NAME = Constraint(1, 128)
_PARENT = Constraint(form=_PLACE, called="projects/P/locations/L")
_SCHEMA = Constraint(form=r"gs://\S+\.yaml", called="a schema on Cloud Storage")
_URI = Constraint(form=r"gs://[a-z0-9][a-z0-9._-]+/\S.*", called="gs://BUCKET/NAME")
_PREFIX = Constraint(form=r"gs://[a-z0-9][a-z0-9._-]+(/.*)?", called="gs://BUCKET/PREFIX")
_POSITIVE = Constraint(least=1)
_SHARE = Constraint(0, 1)
_SOME = Constraint(least=1)
_ID = Constraint(1, form=r"\S+", called="a name without spaces")
_MODEL = Constraint(form=rf"{_PLACE}/models/[^/\s]+", called="projects/P/locations/L/models/ID")

LABELS = (
    Constraint(most=64, each=Constraint(1, 64, form=r"(?a:[^\W_A-Z])[a-z0-9_-]*", called="small letters, digits, _ and -")),
    Constraint(most=64, form=r"[a-z0-9_-]*", called="small letters, digits, _ and -"),
)
"""Of keys and of values. International letters are allowed too, and ours have none."""

CONSTRAINTS: dict[str, Constraint] = {
    **{
        f"Create{what}Request.parent": _PARENT
        for what in ("CustomJob", "HyperparameterTuningJob", "Dataset", "TrainingPipeline", "BatchPredictionJob")
    },
    **{
        f"{what}.displayName": _NAME
        for what in ("CustomJob", "HyperparameterTuningJob", "Dataset", "TrainingPipeline", "BatchPredictionJob", "Model")
    },
    "HyperparameterTuningJob.maxTrialCount": _POSITIVE,
    "HyperparameterTuningJob.parallelTrialCount": _POSITIVE,
    "HyperparameterTuningJob.maxFailedTrialCount": _POSITIVE,
    "StudySpec.metrics": _SOME,
    "StudySpec.parameters": _SOME,
    "StudySpec.MetricSpec.metricId": _ID,
    "StudySpec.ParameterSpec.parameterId": _ID,
    "StudySpec.ParameterSpec.DiscreteValueSpec.values": Constraint(1, 1000),
    "StudySpec.ParameterSpec.CategoricalValueSpec.values": _SOME,
    "StudySpec.ParameterSpec.ConditionalParameterSpec.DiscreteValueCondition.values": _SOME,
    "StudySpec.ParameterSpec.ConditionalParameterSpec.IntValueCondition.values": _SOME,
    "StudySpec.ParameterSpec.ConditionalParameterSpec.CategoricalValueCondition.values": _SOME,
    "CustomJobSpec.workerPoolSpecs": _SOME,
    "CustomJobSpec.network": Constraint(
        form=r"projects/\d+/global/networks/[a-z][a-z0-9-]*", called="projects/NUMBER/global/networks/NAME"
    ),
    "CustomJobSpec.serviceAccount": Constraint(form=r"[^@\s]+@[^@\s]+\.gserviceaccount\.com", called="an account's address"),
    "WorkerPoolSpec.replicaCount": _POSITIVE,
    "MachineSpec.machineType": Constraint(form=r"[a-z][a-z0-9]*(-[a-z0-9]+)+", called="a type of machine"),
    "MachineSpec.acceleratorCount": _POSITIVE,
    "DiskSpec.bootDiskSizeGb": _POSITIVE,
    "DiskSpec.bootDiskType": Constraint(among=("pd-ssd", "pd-standard", "hyperdisk-balanced")),
    "ContainerSpec.imageUri": Constraint(1, form=r"[a-z0-9][^\s]*", called="an image"),
    "ContainerSpec.env": Constraint(most=100),
    "PythonPackageSpec.packageUris": Constraint(1, 100, each=_URI),
    "PythonPackageSpec.env": Constraint(most=100),
    "EnvVar.name": Constraint(form=r"[A-Za-z_][A-Za-z0-9_]*", called="a name as C has them"),
    "GcsDestination.outputUriPrefix": _PREFIX,
    "GcsSource.uris": Constraint(1, each=_URI),
    "EncryptionSpec.kmsKeyName": Constraint(
        form=r"projects/[^/\s]+/locations/[a-z0-9-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+", called="a key's full name"
    ),
    "Dataset.metadataSchemaUri": _SCHEMA,
    "ImportDataRequest.name": Constraint(form=rf"{_PLACE}/datasets/[^/\s]+", called="projects/P/locations/L/datasets/ID"),
    "ImportDataRequest.importConfigs": _SOME,
    "ImportDataConfig.importSchemaUri": _SCHEMA,
    "InputDataConfig.datasetId": _ID,
    "TrainingPipeline.trainingTaskDefinition": _SCHEMA,
    **{f"FractionSplit.{what}Fraction": _SHARE for what in ("training", "validation", "test")},
    "BatchPredictionJob.model": _MODEL,
    "BatchDedicatedResources.startingReplicaCount": _POSITIVE,
    "BatchDedicatedResources.maxReplicaCount": _POSITIVE,
    "ExportModelRequest.name": _MODEL,
}
"""By message, without the package's name, and member."""
