"""AWS on loopback: S3, IAM, STS and logs by moto, SageMaker with the life of its jobs by ourselves."""

from cloud_nas.rehearse.aws.standin import StandIn
from cloud_nas.rehearse.clock import Clock, Manual, Real
from cloud_nas.rehearse.faults import FAULTS
from cloud_nas.rehearse.script import Script

__all__ = ["FAULTS", "Clock", "Manual", "Real", "Script", "StandIn"]
