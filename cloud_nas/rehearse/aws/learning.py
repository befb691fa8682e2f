"""Plain scikit-learn models in place of Autopilot's, on the rows that were sent to it."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.candidate import Candidate, model_url
from cloud_nas.rehearse.aws.course import AFTER, BEFORE, Stage, how_many
from cloud_nas.rehearse.aws.sent_rows import read
from cloud_nas.rehearse.predictor import Predictor, Sent

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.world import World

FEWEST_ROWS = 500
"""Of a table that trains."""
_MOST = 4
"""Candidates that are really trained; more would only take time."""


def learning(
    world: World, name: str, request: Mapping[str, Any], spoilt: Callable[[int], bool]
) -> Callable[[Callable[[Any], bool]], None]:
    """What a job does in its thread: tells of stages and candidates, and leaves their archives and predictors.

    Args:
        world: has the rows, and gets the predictors.
        name: the job's.
        request: its request.
        spoilt: whether a candidate fails, by its number.
    """

    def learn(tell: Callable[[Any], bool]) -> None:
        (kind, problem), *_ = request["AutoMLProblemTypeConfig"].items()
        tell(Stage(BEFORE[0]))
        sent = read(world.storage, kind, problem, request["AutoMLJobInputDataConfig"])
        if kind == "TabularJobConfig" and len(sent.train[1]) < FEWEST_ROWS:
            raise ValueError(f"the training dataset has {len(sent.train[1])} rows; at least {FEWEST_ROWS} are required")
        for stage in BEFORE[1:]:
            tell(Stage(stage))
        regression = problem.get("ProblemType") == "Regression"
        metric = request.get("AutoMLJobObjective", {}).get("MetricName", "MSE" if regression else "Accuracy")
        for number in range(min(_MOST, how_many(request))):
            called, begun = f"{name}-trial-t{number + 1}-1", time.time()
            url = model_url(request["OutputDataConfig"]["S3OutputPath"], name, called)
            if spoilt(number):
                if not tell(Candidate(called, 0.0, begun, time.time(), url, failure="AlgorithmError: out of memory")):
                    return
                continue
            predictor = Predictor.fit(sent, number, regression)
            metrics = _metrics(predictor, sent, regression)
            world.storage.put(url, _archive(called, metrics))
            world.predictors[url] = predictor
            if not tell(Candidate(called, metrics[metric], begun, time.time(), url, metrics)):
                return
        for stage in AFTER:
            tell(Stage(stage))
        tell(Stage("Completed"))

    return learn


def _metrics(predictor: Predictor, sent: Sent, regression: bool) -> dict[str, float]:
    """On the validation rows, by Autopilot's names."""
    from sklearn import metrics as known

    rows, truth = sent.validation
    said = predictor.predict(rows)
    if regression:
        exact, guess = [float(one) for one in truth], [float(one) for one in said]
        mse = float(known.mean_squared_error(exact, guess))
        mae = float(known.mean_absolute_error(exact, guess))
        return {"MSE": mse, "RMSE": mse**0.5, "MAE": mae, "R2": float(known.r2_score(exact, guess))}
    found = {
        "Accuracy": float(known.accuracy_score(truth, said)),
        "BalancedAccuracy": float(known.balanced_accuracy_score(truth, said)),
    }
    for name, measure in (("F1", known.f1_score), ("Precision", known.precision_score), ("Recall", known.recall_score)):
        found[f"{name}macro" if name == "F1" else f"{name}Macro"] = float(measure(truth, said, average="macro", zero_division=0))
    if len(predictor.classes) == 2:
        positive = predictor.classes[1]
        for name, measure in (("F1", known.f1_score), ("Precision", known.precision_score), ("Recall", known.recall_score)):
            found[name] = float(measure(truth, said, pos_label=positive, zero_division=0))
        chances = [row[1] for row in predictor.chances(rows)]
        found["AUC"] = float(known.roc_auc_score([one == positive for one in truth], chances))
    return found


def _archive(name: str, metrics: Mapping[str, float]) -> bytes:
    """What stands in for the model's archive; there is no model in it."""
    told = json.dumps({"stand_in": True, "candidate": name, "metrics": dict(metrics)}, indent=1).encode()
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        member = tarfile.TarInfo("stand-in.json")
        member.size = len(told)
        archive.addfile(member, io.BytesIO(told))
    return held.getvalue()


def answers(predictor: Predictor | None, asked: list[str], content: bytes, image: bool) -> str:
    """A file of rows in, a line of CSV a row out, with the answers that were asked for."""
    from cloud_nas.rehearse.png import pixels

    rows: list[Any] = [pixels(content)] if image else list(csv.reader(io.StringIO(content.decode())))
    if predictor is None:
        return "unknown\n" * len(rows)
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    chances = predictor.chances(rows) if predictor.classes else [[] for _ in rows]
    for said, chance in zip(predictor.predict(rows), chances, strict=True):
        given = {
            "predicted_label": said,
            "probability": max(chance, default=""),
            "probabilities": str([float(one) for one in chance]),
            "labels": str(list(predictor.classes)),
        }
        writer.writerow([given[one] for one in asked])
    return held.getvalue()
