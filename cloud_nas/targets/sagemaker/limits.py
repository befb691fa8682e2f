"""What SageMaker allows, as data. From the service's model (botocore) and its developer guide's pages of limits."""

from __future__ import annotations

from cloud_nas.targets.sagemaker.images import family_of

PARAMETERS = 30
"""Parameters that a tuning job searches (ParameterRanges)."""

VALUES = 30
"""Values of a categorical parameter (CategoricalParameterRange.Values)."""

JOBS = 750
"""Training jobs of a tuning job (MaxNumberOfTrainingJobs)."""

RANDOM_JOBS = 10_000
"""The same, where the strategy is Random."""

PARALLEL = 100
"""Training jobs of a tuning job at once; an account's quota begins at 10."""

TUNING_SECONDS = (120, 15_768_000)
"""A tuning job's MaxRuntimeInSeconds, from and to."""

TRAINING_SECONDS = 28 * 24 * 3600
"""A training job's MaxRuntimeInSeconds at most."""

USUAL_TRAINING_SECONDS = 432_000
"""What an account's quota for the longest training job begins at."""

EPOCHS = 20_000
"""Hyperband's MaxResource."""

SEED = 2**31
"""A tuning job's RandomSeed is less."""

TAGS = 50
"""Tags of one job."""

FAILURES = 5
"""So many trials that fail, none having succeeded, and the service gives a tuning job up."""

_WITH_DISKS = frozenset(
    ("g4dn", "g5", "g6", "g6e", "g7", "g7e", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "r5d")
)


def has_own_disk(instance: str) -> bool:
    """Whether a machine of this type has NVMe disks, which are used whole: no volume can be asked for, nor a key for it."""
    return family_of(instance) in _WITH_DISKS
