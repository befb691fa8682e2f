"""Rules of a tuning job."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloud_nas.targets.sagemaker import rules_training
from cloud_nas.targets.sagemaker.limits import EPOCHS, JOBS, PARALLEL, PARAMETERS, RANDOM_JOBS

_EPOCHS_NAMES = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
"""Static hyperparameters from which the service takes Hyperband's MaxResource."""

_KINDS = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")


def problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Of CreateHyperParameterTuningJob."""
    config = body["HyperParameterTuningJobConfig"]
    one, many = body.get("TrainingJobDefinition"), body.get("TrainingJobDefinitions")
    if (one is None) == (many is None):
        yield "TrainingJobDefinition: exactly one of it and TrainingJobDefinitions"
    yield from _limits(config)
    yield from _strategy(config, () if one is None else (one,))
    yield from _warm_start(body, config)
    if one is not None:
        yield from _definition(one, config, "TrainingJobDefinition")
    for index, each in enumerate(many or ()):
        yield from _definition(each, each | {"ParameterRanges": each.get("HyperParameterRanges", {})}, f"[{index}]")
    if many and config.get("TrainingJobEarlyStoppingType") == "Auto":
        yield "HyperParameterTuningJobConfig.TrainingJobEarlyStoppingType: Off, where there are several definitions"
    if many and sum(len(each.get("Environment", {})) for each in many) > 48:
        yield "TrainingJobDefinitions: 48 entries of Environment in all at most"


def _limits(config: Mapping[str, Any]) -> Iterator[str]:
    limits, place = config["ResourceLimits"], "HyperParameterTuningJobConfig.ResourceLimits"
    count, parallel = limits.get("MaxNumberOfTrainingJobs"), limits["MaxParallelTrainingJobs"]
    most = RANDOM_JOBS if config["Strategy"] == "Random" else JOBS
    if count is not None and count > most:
        yield f"{place}.MaxNumberOfTrainingJobs: {count}, {most} at most for {config['Strategy']}"
    if parallel > PARALLEL:
        yield f"{place}.MaxParallelTrainingJobs: {parallel}, {PARALLEL} at most"
    if count is not None and parallel > count:
        yield f"{place}.MaxParallelTrainingJobs: {parallel}, no more than MaxNumberOfTrainingJobs ({count})"


def _strategy(config: Mapping[str, Any], definitions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    strategy, place = config["Strategy"], "HyperParameterTuningJobConfig"
    options = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig")
    if strategy != "Hyperband" and "StrategyConfig" in config:
        yield f"{place}.StrategyConfig: only for Hyperband"
    if strategy == "Hyperband":
        yield from _hyperband(config, options or {}, definitions)
    if strategy == "Grid":
        yield from _grid(config)


def _hyperband(config: Mapping[str, Any], options: Mapping[str, Any], definitions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    place = "HyperParameterTuningJobConfig.StrategyConfig.HyperbandStrategyConfig"
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        yield "HyperParameterTuningJobConfig.TrainingJobEarlyStoppingType: Off, with Hyperband"
    least, most = options.get("MinResource"), options.get("MaxResource")
    if most is None:
        static = [name for one in definitions for name in one.get("StaticHyperParameters", {}) if name in _EPOCHS_NAMES]
        if not static:
            yield f"{place}.MaxResource: missing; nothing else says how many epochs a trial may train"
    elif most > EPOCHS:
        yield f"{place}.MaxResource: {most}, {EPOCHS} at most"
    if least is not None and most is not None and least > most:
        yield f"{place}.MinResource: {least}, no more than MaxResource ({most})"


def _grid(config: Mapping[str, Any]) -> Iterator[str]:
    ranges, place = config.get("ParameterRanges", {}), "HyperParameterTuningJobConfig"
    for kind in _KINDS[:2]:
        if ranges.get(kind):
            yield f"{place}.ParameterRanges.{kind}: Grid takes categories only"
    product = math.prod(len(one["Values"]) for one in ranges.get(_KINDS[2], ()))
    count = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if count is not None and count != product:
        yield f"{place}.ResourceLimits.MaxNumberOfTrainingJobs: {count}; of this grid it is {product}, or left out"


def _warm_start(body: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    if "WarmStartConfig" not in body:
        return
    if config["Strategy"] not in ("Bayesian", "Random"):
        yield f"WarmStartConfig: only for Bayesian and Random, not {config['Strategy']}"
    if "TrainingJobDefinitions" in body:
        yield "WarmStartConfig: not with TrainingJobDefinitions"
    parents = [one.get("HyperParameterTuningJobName") for one in body["WarmStartConfig"]["ParentHyperParameterTuningJobs"]]
    if body["HyperParameterTuningJobName"] in parents:
        yield "WarmStartConfig.ParentHyperParameterTuningJobs: a job cannot be its own parent"
    if len(set(parents)) < len(parents):
        yield "WarmStartConfig.ParentHyperParameterTuningJobs: each parent once"


def _definition(given: Mapping[str, Any], config: Mapping[str, Any], place: str) -> Iterator[str]:
    """One definition of a training job, with the ranges and the objective that go with it."""
    for problem in rules_training.definition_problems(given):
        yield f"{place}.{problem}"
    if ("ResourceConfig" in given) == ("HyperParameterTuningResourceConfig" in given):
        yield f"{place}.ResourceConfig: exactly one of it and HyperParameterTuningResourceConfig"
    objective = config.get("HyperParameterTuningJobObjective", config.get("TuningObjective"))
    metrics = {one["Name"] for one in given["AlgorithmSpecification"].get("MetricDefinitions", ())}
    if objective is None:
        yield f"{place}: no objective"
    elif objective["MetricName"] not in metrics:
        yield f"{place}.AlgorithmSpecification.MetricDefinitions: none is the objective, {objective['MetricName']!r}"
    yield from _ranges(config.get("ParameterRanges", {}), given.get("StaticHyperParameters", {}), place)


def _ranges(ranges: Mapping[str, Any], static: Mapping[str, str], place: str) -> Iterator[str]:
    listed = [(kind, one) for kind in _KINDS for one in ranges.get(kind, ())]
    names = [one["Name"] for _, one in listed]
    if not names and not ranges.get("AutoParameters"):
        yield "ParameterRanges: nothing to search"
    if len(names) > PARAMETERS:
        yield f"ParameterRanges: {len(names)} parameters, {PARAMETERS} at most"
    if len(names) + len(static) > rules_training.HYPERPARAMETERS:
        yield f"ParameterRanges: {len(names)} and {len(static)} static ones, {rules_training.HYPERPARAMETERS} in all at most"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"ParameterRanges: {name!r} is there more than once"
    for name in sorted(set(names) & set(static)):
        yield f"{place}.StaticHyperParameters: {name!r} is searched too"
    for kind, one in listed:
        problem = _categories(one) if kind == _KINDS[2] else _interval(one, kind)
        if problem:
            yield f"ParameterRanges.{kind} {one['Name']!r}: {problem}"


def _categories(one: Mapping[str, Any]) -> str | None:
    return "each value once" if len(set(one["Values"])) < len(one["Values"]) else None


def _interval(one: Mapping[str, Any], kind: str) -> str | None:
    try:
        low, high = ((int if kind == _KINDS[0] else float)(one[name]) for name in ("MinValue", "MaxValue"))
    except ValueError:
        return f"{one['MinValue']!r} to {one['MaxValue']!r} is not from a number to a number"
    if not math.isfinite(low) or not math.isfinite(high):
        return "its ends are not finite"
    if low > high:
        return f"{one['MinValue']} is more than {one['MaxValue']}"
    scale = one.get("ScalingType", "Auto")
    if scale == "Logarithmic" and low <= 0:
        return "a logarithmic scale begins above 0"
    if scale == "ReverseLogarithmic" and (kind == _KINDS[0] or low < 0 or high >= 1):
        return "a reverse logarithmic scale is for continuous values from 0 to below 1"
    return None
