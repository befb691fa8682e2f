"""AWS's own SDK as a second opinion: what we made is read back by its resources as what we meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cloud_nas as cn

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


def test_the_sdk_reads_back_the_jobs_that_we_made(make_spec: Callable[..., Path], table: Path, cloud: StandIn) -> None:
    resources = pytest.importorskip("sagemaker.core.resources")
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}', spot: true}}}}"
    spec = make_spec(targets=place)
    specs = {"tuning": spec, "engine": spec, "autopilot": table}
    names = {on: cn.submit(one, on=f"sagemaker:{on}").status().remote for on, one in specs.items()}
    tuning = resources.HyperParameterTuningJob.get(hyper_parameter_tuning_job_name=names["tuning"], region=cloud.region)
    config = tuning.hyper_parameter_tuning_job_config
    assert (config.strategy, config.resource_limits.max_number_of_training_jobs) == ("Random", 2)
    assert config.hyper_parameter_tuning_job_objective.metric_name == "val_accuracy"
    assert [one.name for one in config.parameter_ranges.categorical_parameter_ranges] == ["units"]
    assert tuning.training_job_definition.enable_managed_spot_training is True
    training = resources.TrainingJob.get(training_job_name=names["engine"], region=cloud.region)
    assert training.hyper_parameters["sagemaker_program"] == "train.py"
    assert training.checkpoint_config.s3_uri.endswith("/checkpoints/")
    assert training.stopping_condition.max_wait_time_in_seconds >= training.stopping_condition.max_runtime_in_seconds
    automl = resources.AutoMLJobV2.get(auto_ml_job_name=names["autopilot"], region=cloud.region)
    assert automl.auto_ml_problem_type_config.tabular_job_config.target_attribute_name == "y"
    assert [one.channel_type for one in automl.auto_ml_job_input_data_config] == ["training", "validation"]
