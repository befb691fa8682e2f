"""The lives of jobs at the stand-in, as the service's documentation has them; time is moved by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cloud_nas.rehearse.aws import Script, StandIn

from .asked import channel, spot, training, tuning

pytest.importorskip("botocore")

Client = Callable[..., Any]
JOB = "r-7k2xq-1"


def tuned(aws: Client) -> dict[str, Any]:
    found: dict[str, Any] = aws("sagemaker").describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=JOB)
    return found


def trained(aws: Client, name: str = JOB) -> dict[str, Any]:
    found: dict[str, Any] = aws("sagemaker").describe_training_job(TrainingJobName=name)
    return found


def children(aws: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=JOB, MaxResults=100
    )["TrainingJobSummaries"]
    return found


def code_of(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_tuning_job_runs_its_children_in_parallel_and_names_the_best(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud, jobs=5, parallel=2))
    assert tuned(aws)["TrainingJobStatusCounters"]["InProgress"] == 2
    cloud.settle()
    job, found = tuned(aws), children(aws)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == len(found) == 5
    assert all(re.fullmatch(rf"{JOB}-00[1-5]-[0-9a-f]{{8}}", one["TrainingJobName"]) for one in found)
    best = max(found, key=lambda one: one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])
    assert job["BestTrainingJob"]["TrainingJobName"] == best["TrainingJobName"]
    assert all(16 <= int(one["TunedHyperParameters"]["units"]) <= 256 for one in found)
    tags = aws("sagemaker").list_tags(ResourceArn=best["TrainingJobArn"])["Tags"]
    assert {"Key": "cloud-nas:run", "Value": "r-7k2xq"} in tags


def test_the_same_seed_proposes_the_same(make_cloud: Callable[..., StandIn], aws: Client) -> None:
    cloud = make_cloud(run_jobs=False)
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud))
    cloud.settle()
    first = [one["TunedHyperParameters"] for one in children(aws)]
    second = make_cloud(run_jobs=False)
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(second))
    second.settle()
    assert [one["TunedHyperParameters"] for one in children(aws)] == first


def test_a_name_is_taken_once(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_training_job(**training(cloud))
    with pytest.raises(Exception, match="unique") as error:
        aws("sagemaker").create_training_job(**training(cloud))
    assert code_of(error) == "ResourceInUse"


def test_five_failures_and_no_success_end_a_tuning_job(cloud: StandIn, aws: Client) -> None:
    cloud.script = Script(failure="cloud-nas: broken", values=())
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud, jobs=50, parallel=2))
    cloud.settle()
    job = tuned(aws)
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No training job succeeded after 5 attempts")
    assert "BestTrainingJob" not in job
    assert children(aws)[0]["FailureReason"] == "AlgorithmError: cloud-nas: broken, exit code: 1"
    assert len(children(aws)) <= 6


def test_a_stopped_tuning_job_ends_when_its_children_have_been_killed(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud))
    cloud.advance(85)
    aws("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=JOB)
    assert tuned(aws)["HyperParameterTuningJobStatus"] == "Stopping"
    cloud.settle()
    assert tuned(aws)["HyperParameterTuningJobStatus"] == "Stopped"
    with pytest.raises(Exception, match="Stopped") as error:
        aws("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=JOB)
    assert code_of(error) == "ValidationException"


def test_a_job_over_its_time_is_billed_for_the_grace_and_the_upload_too(cloud: StandIn, aws: Client) -> None:
    cloud.script = Script(values=tuple(range(1000)))
    aws("sagemaker").create_training_job(**training(cloud, StoppingCondition={"MaxRuntimeInSeconds": 100}))
    cloud.settle()
    job = trained(aws)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert job["BillableTimeInSeconds"] == 100 + 120 + 5
    assert job["FinalMetricDataList"][0]["Value"] > 9  # it went on during the grace


def test_spot_waits_for_another_machine_and_costs_less(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_training_job(**spot(cloud))
    cloud.advance(85)
    cloud.preempt(JOB)
    assert trained(aws)["SecondaryStatus"] == "Interrupted"
    cloud.settle()
    job = trained(aws)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["BillableTimeInSeconds"] < job["TrainingTimeInSeconds"]
    streams = aws("logs").describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{JOB}/")[
        "logStreams"
    ]
    assert len(streams) == 2


def test_a_tuner_of_hyperband_stops_most_trials_before_the_largest_resource(cloud: StandIn, aws: Client) -> None:
    cloud.script = rising_to_nine_epochs
    band = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
    aws("sagemaker").create_hyper_parameter_tuning_job(
        **tuning(cloud, jobs=12, parallel=1, Strategy="Hyperband", StrategyConfig=band)
    )
    cloud.settle()
    counters = tuned(aws)["TrainingJobStatusCounters"]
    assert counters["Stopped"] > counters["Completed"]
    assert tuned(aws)["BestTrainingJob"]["TrainingJobStatus"] == "Stopped"


def rising_to_nine_epochs(name: str, hyperparameters: Mapping[str, str]) -> Script:
    best = int(hyperparameters["units"]) / 256
    return Script(values=tuple(best * (epoch + 1) / 9 for epoch in range(9)))


def test_early_stopping_ends_trials_below_the_median(cloud: StandIn, aws: Client) -> None:
    cloud.script = lambda name, given: Script(values=(0.1,) * 20 if "-005-" in name else (0.5,) * 20)
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud, jobs=5, parallel=1, TrainingJobEarlyStoppingType="Auto"))
    cloud.settle()
    assert [one["TrainingJobStatus"] for one in children(aws)] == ["Completed"] * 4 + ["Stopped"]


def test_a_grid_is_tried_once_and_then_it_is_over(cloud: StandIn, aws: Client) -> None:
    ranges = {
        "CategoricalParameterRanges": [{"Name": "act", "Values": ["relu", "gelu"]}, {"Name": "units", "Values": ["8", "16"]}]
    }
    body = tuning(cloud, parallel=4, Strategy="Grid", ParameterRanges=ranges)
    del body["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"]
    aws("sagemaker").create_hyper_parameter_tuning_job(**body)
    cloud.settle()
    tried = {tuple(sorted(one["TunedHyperParameters"].items())) for one in children(aws)}
    assert len(tried) == len(children(aws)) == 4


def automl(cloud: StandIn, **criteria: int) -> dict[str, Any]:
    source = channel(cloud, "rows")["DataSource"]["S3DataSource"]
    del source["S3DataDistributionType"]
    return {
        "AutoMLJobName": JOB,
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{cloud.bucket}/out/"},
        "AutoMLProblemTypeConfig": {
            "TabularJobConfig": {
                "TargetAttributeName": "kind",
                "Mode": "ENSEMBLING",
                "ProblemType": "BinaryClassification",
                "CompletionCriteria": criteria,
            }
        },
        "AutoMLJobObjective": {"MetricName": "F1"},
        "RoleArn": cloud.role,
    }


def test_autopilot_goes_through_its_stages_and_has_a_best_candidate(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_auto_ml_job_v2(**automl(cloud, MaxCandidates=3))
    seen = set()
    for _ in range(20):
        seen.add(aws("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=JOB)["AutoMLJobSecondaryStatus"])
        cloud.advance(60)
    assert {"AnalyzingData", "FeatureEngineering", "ModelTuning", "Completed"} <= seen
    best = aws("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=JOB)["BestCandidate"]
    listed = aws("sagemaker").list_candidates_for_auto_ml_job(AutoMLJobName=JOB)["Candidates"]
    assert len(listed) == 3
    assert best["FinalAutoMLJobObjectiveMetric"]["Value"] == max(one["FinalAutoMLJobObjectiveMetric"]["Value"] for one in listed)
    assert len(aws("sagemaker").list_training_jobs()["TrainingJobSummaries"]) == 3  # its children are training jobs too


def test_autopilot_out_of_time_is_completed_without_a_best_candidate(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_auto_ml_job_v2(**automl(cloud, MaxAutoMLJobRuntimeInSeconds=100))
    cloud.settle()
    job = aws("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=JOB)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Completed", "MaxAutoMLJobRuntimeReached")
    assert "BestCandidate" not in job
