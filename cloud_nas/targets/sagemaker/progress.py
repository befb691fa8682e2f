"""What an engine job last wrote into its checkpoints: how far its study is. Log lines are never read for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.targets import study
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker import naming, objects
from cloud_nas.targets.sagemaker.client import Client


def progress(client: Client, remote: Remote) -> Mapping[str, Any] | None:
    """The last `progress.json`; None before the first trial has ended, or where it is of another version."""
    folder = naming.engine_checkpoints_uri(remote.place, remote.run_id)
    return study.current(objects.read_json(client, remote.place, f"{folder}{study.NAME}"))
