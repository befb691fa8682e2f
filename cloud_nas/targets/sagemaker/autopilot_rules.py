"""What Autopilot takes: rows, metrics, algorithms, limits. From the service's model, its developer guide, its limits pages."""

from __future__ import annotations

from dataclasses import dataclass

from cloud_nas.errors import UsageError
from cloud_nas.targets.job import Job

FEWEST_ROWS = 500
"""Training rows of a table; the service counts no validation rows (CreateAutoMLJob, InputDataConfig)."""

MOST_CANDIDATES = 750
MOST_BYTES = {"train": 100 * 10**9, "validation": 2 * 10**9}
_OUTPUT_PATH = 512

ALGORITHMS = {
    "ensembling": (
        "catboost", "extra-trees", "fastai", "lightgbm", "linear-learner", "nn-torch", "randomforest", "xgboost",
    ),
    "hyperparameter_tuning": ("linear-learner", "mlp", "xgboost"),
}  # fmt: skip
"""What each mode may use (AutoMLAlgorithmConfig)."""


@dataclass(frozen=True)
class Metric:
    """The service's metric for an objective of ours; `same` is whether both measure the same."""

    name: str
    same: bool
    goal: str = "maximize"


_REGRESSION = {"rmse": "RMSE", "mse": "MSE", "mae": "MAE", "r2": "R2"}
_BINARY = {"accuracy": "Accuracy", "balanced_accuracy": "BalancedAccuracy", "auc": "AUC"}
_BINARY_BY_CLASS = {"f1": "F1", "precision": "Precision", "recall": "Recall"}
_MANY = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "BalancedAccuracy",
    "f1": "F1macro",
    "precision": "PrecisionMacro",
    "recall": "RecallMacro",
}


def metric_for(job: Job) -> Metric:
    """What Autopilot is to optimise: the same as asked where it knows it, else the nearest."""
    ours = job.definition.objective.metric
    if job.rows.classes is None:
        name = _REGRESSION.get(ours, "RMSE")
        return Metric(name, ours in _REGRESSION, "maximize" if name == "R2" else "minimize")
    if job.rows.kind != "table":
        return Metric("Accuracy", ours == "accuracy")
    if problem_type(job) == "MulticlassClassification":
        return Metric(_MANY.get(ours, "Accuracy"), ours in _MANY)
    if ours in _BINARY_BY_CLASS:  # ours is the mean over both classes, theirs of the positive one alone
        return Metric(_BINARY_BY_CLASS[ours], same=False)
    return Metric(_BINARY.get(ours, "AUC" if ours == "log_loss" else "Accuracy"), ours in _BINARY)


def problem_type(job: Job) -> str:
    """What a table's problem is called."""
    if job.rows.classes is None:
        return "Regression"
    return "BinaryClassification" if len(job.rows.classes) == 2 else "MulticlassClassification"


def check(job: Job) -> None:
    """Ends here where Autopilot would refuse the job, or could only fail.

    Raises:
        UsageError: the message says which rule is broken, and the way out.
    """
    if job.rows.kind == "array":
        raise _refused("its rows are arrays", "Autopilot takes images, tables and texts; use --on sagemaker:tuning")
    if job.rows.kind == "table" and job.rows.train < FEWEST_ROWS:
        raise _refused(
            f"{job.rows.train} training rows are left of the data, and it needs {FEWEST_ROWS}",
            "hold out fewer rows (data.split), bring more, or use --on sagemaker:tuning, which takes any number",
        )
    _check_classes(job)
    _check_budget(job)
    _check_algorithms(job)
    _check_sizes(job)


def _check_classes(job: Job) -> None:
    classes = job.rows.classes
    if classes is None:
        return
    if len(classes) < 2:
        raise _refused("the rows are all of one class", "a classification has two classes or more")
    few = [name for name, (train, _) in classes.items() if train < 2]
    if few:
        raise _refused(f"the class {few[0]!r} has fewer than 2 training rows", "leave that class out, or bring more of its rows")


def _check_budget(job: Job) -> None:
    trials = job.definition.budget.trials
    if trials is not None and trials > MOST_CANDIDATES:
        raise _refused(f"it makes at most {MOST_CANDIDATES} candidates, not {trials}", f"budget: {{trials: {MOST_CANDIDATES}}}")


def _check_algorithms(job: Job) -> None:
    chosen = job.place["autopilot"]
    known = ALGORITHMS[chosen["mode"]]
    wrong = [name for name in chosen["algorithms"] if name not in known]
    if wrong:
        raise _refused(f"its mode {chosen['mode']} has no algorithm {wrong[0]!r}", f"it has {', '.join(known)}")


def _check_sizes(job: Job) -> None:
    for folder, most in MOST_BYTES.items():
        size = sum(one.bytes for one in job.parcels["rows"].files if one.path.startswith(f"{folder}/"))
        if size > most:
            raise _refused(f"the {folder} rows are {size} bytes, and it takes {most}", "use --on sagemaker:tuning")
    if len(f"s3://{job.place['bucket']}/{job.place['prefix']}") > _OUTPUT_PATH - 64:
        raise _refused(f"its output path may be {_OUTPUT_PATH} characters long", "shorten targets.sagemaker.prefix")


def _refused(what: str, hint: str) -> UsageError:
    return UsageError(f"Autopilot cannot take this: {what}", hint=hint, code="CN510")
