"""What a spec says of the places it can run at: `targets:`. A value that is left out is the place's own default."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveFloat

from cloud_nas.spec.fields import Positive, Seconds
from cloud_nas.spec.google_fields import (
    Accelerator,
    GoogleKmsKey,
    GoogleLocation,
    GoogleMachine,
    GoogleNetwork,
    GoogleProject,
    Labels,
    ServiceAccount,
)
from cloud_nas.spec.place_fields import Bucket, Image, Instance, KmsKey, Prefix, Region, Role, SecurityGroup, Subnet, Tags
from cloud_nas.spec.section import Section, Text


class Autopilot(Section):
    """What only Autopilot can be told."""

    mode: Literal["ensembling", "hyperparameter_tuning"] = "ensembling"
    """How Autopilot searches: stacks of models, or a tuning job of its own."""
    algorithms: list[Text] = Field(default_factory=list)
    """Which algorithms it may use, by the service's names; default: all of the mode."""


class Tuning(Section):
    """What only SageMaker's tuner can be told."""

    early_stopping: bool = False
    """Whether the service may stop trials that fall behind the median of the others; not with hyperband or grid."""


class SageMaker(Section):
    """Jobs on Amazon SageMaker."""

    region: Region | None = None
    """The AWS region. Default: AWS's own configuration (AWS_REGION, the profile)."""
    role: Role | None = None
    """The ARN of the role that the jobs run as; needed for all jobs."""
    bucket: Bucket | None = None
    """The bucket for uploads and results, in the same region; needed for all jobs and never guessed."""
    prefix: Prefix = "cloud-nas/"
    """What every key in the bucket begins with."""
    instance: Instance = "ml.m5.xlarge"
    """The type of machine that trains."""
    parallel: Positive = 1
    """How many trials train at once; each on a machine of its own under `tuning`."""
    max_runtime: Seconds = 3600.0
    """The longest that one job may train: one trial under `tuning`, the whole search under `engine`."""
    image: Image | None = None
    """The container's image. Default: AWS's TensorFlow image of the region, of the same version as at home."""
    volume: Positive = 30
    """GB of disk for each machine."""
    subnets: list[Subnet] = Field(default_factory=list)
    """Subnets that the machines stand in; with `security_groups`."""
    security_groups: list[SecurityGroup] = Field(default_factory=list)
    """Security groups of the machines; with `subnets`."""
    kms_key: KmsKey | None = None
    """The key that encrypts the disks, the uploads and the results."""
    isolated: bool = False
    """Whether the containers are cut off from the network."""
    spot: bool = False
    """Whether to train on spare capacity, which is cheaper and may be taken away; training goes on from its checkpoint."""
    tags: Tags = Field(default_factory=dict)
    """Tags for everything that is made, beside our own."""
    autopilot: Autopilot = Field(default_factory=Autopilot)
    """What only Autopilot can be told."""
    tuning: Tuning = Field(default_factory=Tuning)
    """What only SageMaker's tuner can be told."""


class VertexAutoML(Section):
    """What only Vertex AI's AutoML can be told."""

    model: Literal["cloud", "edge-fast", "edge-balanced", "edge-accurate"] = "cloud"
    """Of images: a model that stays at the service, or one of three sizes that can be brought home, which cost more to train."""
    node_hours: PositiveFloat | None = None
    """The budget, in hours of a node. Default: `budget.time`, else the least that the service takes."""
    objective: Text | None = None
    """The service's own objective, such as maximize-au-prc. Default: what is nearest to `objective.metric`."""


class VertexTuning(Section):
    """What only Vertex AI's tuner can be told."""

    early_stopping: Literal["none", "median", "decay_curve", "convex"] = "none"
    """By which rule the service may stop trials that fall behind."""
    measurement: Literal["best", "last"] = "best"
    """Which of a trial's values counts at the service: of its best epoch or of its last."""
    failed_trials: Positive | None = None
    """How many trials may fail before the search is given up. Default: all but one, five at least."""


class Vertex(Section):
    """Jobs on Vertex AI."""

    project: GoogleProject | None = None
    """The project's id. Default: Google's own configuration (GOOGLE_CLOUD_PROJECT, the credentials' project)."""
    location: GoogleLocation | None = None
    """The region, such as europe-west4. Default: Google's own configuration (GOOGLE_CLOUD_REGION, gcloud)."""
    bucket: Bucket | None = None
    """The bucket for uploads and results, in that region alone; needed for all jobs and never guessed."""
    prefix: Prefix = "cloud-nas/"
    """What every name in the bucket begins with."""
    machine: GoogleMachine = "n1-standard-8"
    """The type of machine that trains."""
    accelerator: Accelerator | None = None
    """The type of its GPUs, such as NVIDIA_TESLA_T4. Default: none, or those that the machine comes with."""
    accelerators: Positive = 1
    """How many GPUs a machine has."""
    parallel: Positive = 1
    """How many trials train at once; each on a machine of its own under `tuning`."""
    max_runtime: Seconds = 3600.0
    """The longest that one job may train: one trial under `tuning`, the whole search under `engine`."""
    image: Image | None = None
    """The container's image, in Artifact Registry or on Docker Hub. Default: TensorFlow's own, of the version at home."""
    volume: Positive = 100
    """GB of disk for each machine."""
    service_account: ServiceAccount | None = None
    """The account that the jobs run as. Default: the service's own."""
    network: GoogleNetwork | None = None
    """The VPC network that the machines are in, such as projects/123456789012/global/networks/NAME."""
    kms_key: GoogleKmsKey | None = None
    """The key that encrypts what is made."""
    spot: bool = False
    """Whether to train on spare capacity, which is cheaper and may be taken away; training goes on from its checkpoint."""
    retries: bool = False
    """Whether the service may start a job again after an error of its own, which may cost as much again; spot always does."""
    labels: Labels = Field(default_factory=dict)
    """Labels for everything that is made, beside our own."""
    automl: VertexAutoML = Field(default_factory=VertexAutoML)
    """What only Vertex AI's AutoML can be told."""
    tuning: VertexTuning = Field(default_factory=VertexTuning)
    """What only Vertex AI's tuner can be told."""


class Targets(Section):
    """Where the search can run beside this machine, and how there."""

    sagemaker: SageMaker = Field(default_factory=SageMaker)
    """Jobs on Amazon SageMaker."""
    vertex: Vertex = Field(default_factory=Vertex)
    """Jobs on Vertex AI."""
