"""Amazon SageMaker: Autopilot, its tuner with our trials, and our whole engine in a training job."""

from cloud_nas.targets.sagemaker.target import Autopilot, Engine, Tuning

__all__ = ["Autopilot", "Engine", "Tuning"]
