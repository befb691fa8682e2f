"""Google Cloud on loopback: Vertex AI, Cloud Storage, Cloud Logging."""

from cloud_nas.rehearse.faults import FAULTS
from cloud_nas.rehearse.gcp.standin import StandIn
from cloud_nas.rehearse.script import Script

__all__ = ["FAULTS", "Script", "StandIn"]
