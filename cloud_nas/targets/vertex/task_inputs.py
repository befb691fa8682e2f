"""What AutoML's training tasks are told: the members of `trainingTaskInputs`, which the request's proto leaves open.

From the definitions that come with Google's SDK, whose import takes seconds; a test compares the two.
"""

from __future__ import annotations

TABULAR, IMAGE = "automl_tabular", "automl_image_classification"

MEMBERS: dict[str, dict[str, str]] = {
    TABULAR: {
        "optimizationObjectiveRecallValue": "number",
        "optimizationObjectivePrecisionValue": "number",
        "predictionType": "text",
        "targetColumn": "text",
        "transformations": "list",
        "optimizationObjective": "text",
        "trainBudgetMilliNodeHours": "whole",
        "disableEarlyStopping": "boolean",
        "weightColumnName": "text",
        "exportEvaluatedDataItemsConfig": "mapping",
        "additionalExperiments": "list",
    },
    IMAGE: {
        "modelType": "text",
        "baseModelId": "text",
        "budgetMilliNodeHours": "whole",
        "disableEarlyStopping": "boolean",
        "multiLabel": "boolean",
    },
}
"""By definition: each member, and what JSON has for it."""

REQUIRED = {TABULAR: ("predictionType", "targetColumn", "transformations", "trainBudgetMilliNodeHours"), IMAGE: ("modelType",)}
"""What we always send; the protos' comments require the budget alone."""

OBJECTIVES = {
    "classification": (
        "maximize-au-roc",
        "minimize-log-loss",
        "maximize-au-prc",
        "maximize-precision-at-recall",
        "maximize-recall-at-precision",
    ),
    "regression": ("minimize-rmse", "minimize-mae", "minimize-rmsle"),
}
"""By kind of prediction. With more than two classes there is `minimize-log-loss` alone, which a request does not show."""

AT = {
    "maximize-precision-at-recall": "optimizationObjectiveRecallValue",
    "maximize-recall-at-precision": "optimizationObjectivePrecisionValue",
}
"""The objectives that need a value, and where it stands."""

TRANSFORMATIONS: dict[str, tuple[str, ...]] = {
    "auto": (),
    "numeric": ("invalid_values_allowed",),
    "categorical": (),
    "timestamp": ("time_format", "invalid_values_allowed"),
    "text": (),
    "repeated_numeric": ("invalid_values_allowed",),
    "repeated_categorical": (),
    "repeated_text": (),
}
"""Each, and what it may have beside `column_name`."""

BUDGETS = {
    TABULAR: (1_000, 72_000),
    "CLOUD": (8_000, 800_000),
    "MOBILE_TF_LOW_LATENCY_1": (1_000, 100_000),
    "MOBILE_TF_VERSATILE_1": (1_000, 100_000),
    "MOBILE_TF_HIGH_ACCURACY_1": (1_000, 100_000),
}
"""Milli node hours, by definition or by the type of an image model."""

LOCATIONS = {IMAGE: ("europe-west4", "us-central1")}
WITHOUT = {TABULAR: ("africa-south1", "me-central1", "me-central2", "us-east5")}
"""Where a definition is offered alone, and where it is not."""
