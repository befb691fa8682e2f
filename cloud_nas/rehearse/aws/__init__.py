"""AWS on loopback: S3, IAM, STS and logs by moto, SageMaker with the life of its jobs by ourselves."""

from cloud_nas.rehearse.aws.clock import Clock, Manual, Real
from cloud_nas.rehearse.aws.faults import FAULTS
from cloud_nas.rehearse.aws.script import Script
from cloud_nas.rehearse.aws.standin import StandIn

__all__ = ["FAULTS", "Clock", "Manual", "Real", "Script", "StandIn"]
