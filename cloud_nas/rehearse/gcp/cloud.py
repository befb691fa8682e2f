"""What a rehearsal has to know of Google Cloud."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cloud_nas.rehearse.clouds import Cloud

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp.standin import StandIn

LOCATION = "us-central1"
"""Where the table has prices and AutoML takes images."""


class Google(Cloud):
    """Vertex AI and what it needs: Cloud Storage and Cloud Logging."""

    section: ClassVar[str] = "vertex"
    needed: ClassVar[Sequence[str]] = ("google.cloud.aiplatform_v1", "google.cloud.storage")
    own_search: ClassVar[str] = "AutoML"

    def stand_in(self, folder: Path, place: Mapping[str, Any], faults: Sequence[str]) -> AbstractContextManager[StandIn]:
        """In the spec's location, else Google's own configuration's."""
        from cloud_nas.rehearse.gcp.standin import StandIn

        location = place["location"] or os.environ.get("GOOGLE_CLOUD_REGION") or LOCATION
        return StandIn(folder, faults=faults, location=location)

    def alone(self, cloud: StandIn) -> AbstractContextManager[None]:
        """Every Google variable of the user's is away."""
        from cloud_nas.rehearse.gcp.environ import applied

        return applied(cloud.environment())

    def settings(self, cloud: StandIn) -> dict[str, Any]:
        """Project, location and bucket."""
        return {"project": cloud.project, "location": cloud.location, "bucket": cloud.bucket}
