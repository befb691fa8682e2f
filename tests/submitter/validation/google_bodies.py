"""One whole request of each operation that the service would take, to be made wrong in one place."""

from __future__ import annotations

from typing import Any

PARENT = "projects/my-project/locations/europe-west4"
SCHEMA = "gs://google-cloud-aiplatform/schema"


def job_spec() -> dict[str, Any]:
    pool = {
        "machineSpec": {"machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1},
        "replicaCount": 1,
        "diskSpec": {"bootDiskSizeGb": 100},
        "containerSpec": {
            "imageUri": "tensorflow/tensorflow:2.21.0-gpu",
            "command": ["python3", "-c", "print()"],
            "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        },
    }
    return {
        "workerPoolSpecs": [pool],
        "scheduling": {"timeout": "3600s", "disableRetries": True},
        "baseOutputDirectory": {"outputUriPrefix": "gs://my-bucket/cloud-nas/runs/r-7k2xq/1/"},
    }


def custom_job() -> dict[str, Any]:
    return {"parent": PARENT, "customJob": {"displayName": "r-7k2xq-1", "jobSpec": job_spec(), "labels": {"team": "a"}}}


def tuning_job() -> dict[str, Any]:
    unit = {"parameterId": "units", "discreteValueSpec": {"values": [32, 64, 128]}, "scaleType": "UNIT_LOG_SCALE"}
    rate = {"parameterId": "dropout", "doubleValueSpec": {"minValue": 0.0, "maxValue": 0.5}}
    depth = {
        "parameterId": "layers",
        "integerValueSpec": {"minValue": 1, "maxValue": 3},
        "conditionalParameterSpecs": [
            {"parentIntValues": {"values": [1]}, "parameterSpec": unit},
            {"parentIntValues": {"values": [2, 3]}, "parameterSpec": {**unit, "scaleType": "UNIT_LINEAR_SCALE"}},
        ],
    }
    kind = {
        "parameterId": "kind",
        "categoricalValueSpec": {"values": ["dense", "conv"]},
        "conditionalParameterSpecs": [{"parentCategoricalValues": {"values": ["conv"]}, "parameterSpec": rate}],
    }
    learning = {"parameterId": "rate", "doubleValueSpec": {"minValue": 1e-4, "maxValue": 1e-1}, "scaleType": "UNIT_LOG_SCALE"}
    study = {"metrics": [{"metricId": "val_accuracy", "goal": "MAXIMIZE"}], "parameters": [depth, kind, learning]}
    job = {"displayName": "r-7k2xq-1", "studySpec": study, "maxTrialCount": 10, "parallelTrialCount": 2}
    return {"parent": PARENT, "hyperparameterTuningJob": {**job, "maxFailedTrialCount": 9, "trialJobSpec": job_spec()}}


def data_set(kind: str = "tabular") -> dict[str, Any]:
    metadata: dict[str, Any] = {} if kind == "image" else {"inputConfig": {"gcsSource": {"uri": ["gs://my-bucket/rows.csv"]}}}
    schema = f"{SCHEMA}/dataset/metadata/{kind}_1.0.0.yaml"
    return {"parent": PARENT, "dataset": {"displayName": "r-7k2xq-1", "metadataSchemaUri": schema, "metadata": metadata}}


def imported() -> dict[str, Any]:
    schema = f"{SCHEMA}/dataset/ioformat/image_classification_single_label_io_format_1.0.0.yaml"
    config = {"gcsSource": {"uris": ["gs://my-bucket/import.csv"]}, "importSchemaUri": schema}
    return {"name": f"{PARENT}/datasets/1", "importConfigs": [config]}


def pipeline(kind: str = "tabular") -> dict[str, Any]:
    table = {
        "predictionType": "classification",
        "targetColumn": "label",
        "transformations": [
            {"numeric": {"column_name": "a", "invalid_values_allowed": True}},
            {"categorical": {"column_name": "b"}},
        ],
        "optimizationObjective": "maximize-au-roc",
        "trainBudgetMilliNodeHours": 1000,
    }
    image = {"modelType": "CLOUD", "budgetMilliNodeHours": 8000, "multiLabel": False}
    definition = "automl_image_classification" if kind == "image" else "automl_tabular"
    found = {
        "displayName": "r-7k2xq-1",
        "inputDataConfig": {
            "datasetId": "1",
            "fractionSplit": {"trainingFraction": 0.8, "validationFraction": 0.1, "testFraction": 0.1},
        },
        "trainingTaskDefinition": f"{SCHEMA}/trainingjob/definition/{definition}_1.0.0.yaml",
        "trainingTaskInputs": image if kind == "image" else table,
        "modelToUpload": {"displayName": "r-7k2xq-1"},
    }
    return {"parent": PARENT, "trainingPipeline": found}


def batch() -> dict[str, Any]:
    job = {
        "displayName": "r-7k2xq-1",
        "model": f"{PARENT}/models/1",
        "inputConfig": {"instancesFormat": "csv", "gcsSource": {"uris": ["gs://my-bucket/rows.csv"]}},
        "outputConfig": {"predictionsFormat": "csv", "gcsDestination": {"outputUriPrefix": "gs://my-bucket/out/"}},
        "dedicatedResources": {
            "machineSpec": {"machineType": "n1-standard-8"},
            "startingReplicaCount": 1,
            "maxReplicaCount": 1,
        },
    }
    return {"parent": PARENT, "batchPredictionJob": job}


def export() -> dict[str, Any]:
    config = {"exportFormatId": "tflite", "artifactDestination": {"outputUriPrefix": "gs://my-bucket/out/"}}
    return {"name": f"{PARENT}/models/1", "outputConfig": config}
