"""What a rehearsal has to know of AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cloud_nas.rehearse.clouds import Cloud

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.standin import StandIn

_LIST_RATE = 2.0


class AWS(Cloud):
    """SageMaker and what it needs: S3, IAM, STS, logs."""

    section: ClassVar[str] = "sagemaker"
    needed: ClassVar[Sequence[str]] = ("boto3", "moto", "sagemaker_training")
    own_search: ClassVar[str] = "Autopilot"

    def stand_in(self, folder: Path, place: Mapping[str, Any], faults: Sequence[str]) -> AbstractContextManager[StandIn]:
        """In the spec's region, else AWS's own configuration's; with the service's own limit of lists a second."""
        from cloud_nas.rehearse.aws.standin import REGION, StandIn

        region = place["region"] or os.environ.get("AWS_REGION") or REGION
        return StandIn(folder, faults=faults, region=region, list_rate=_LIST_RATE)

    def alone(self, cloud: StandIn) -> AbstractContextManager[None]:
        """Every AWS variable of the user's is away."""
        from cloud_nas.rehearse.aws.environ import applied

        return applied(cloud.environment())

    def settings(self, cloud: StandIn) -> dict[str, Any]:
        """Bucket, role and region."""
        return {"bucket": cloud.bucket, "role": cloud.role, "region": cloud.region}
