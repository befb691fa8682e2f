"""The folder `/opt/ml` as the service fills it before a container starts, and as it packs it afterwards."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from cloud_nas.rehearse.aws.storage import Storage
from cloud_nas.rehearse.aws.work import Work

PLACE = "/opt/ml"
HOST = "localhost"
"""The container's name; the toolkit waits until it can be resolved."""


def lay_out(work: Work, base: Path, storage: Storage) -> str | None:
    """Writes configuration and channels; gives what the service says where an input is not there."""
    config = base / "input" / "config"
    for folder in (config, base / "model", base / "output" / "data", base / "checkpoints", base.parent.parent / "tmp"):
        folder.mkdir(parents=True)
    here = {key: _moved(value, base) for key, value in work.hyperparameters.items()}
    _write(config / "hyperparameters.json", here)
    resources = work.request.get("ResourceConfig", {})
    instance = resources.get("InstanceType", "ml.m5.large")
    group = {"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": [HOST]}
    machine = {"current_instance_type": instance, "current_group_name": "homogeneousCluster", "instance_groups": [group]}
    _write(config / "resourceconfig.json", {"current_host": HOST, "hosts": [HOST], "network_interface_name": "lo", **machine})
    if "CheckpointConfig" in work.request:
        _write(
            config / "checkpointconfig.json",
            {"LocalPath": work.request["CheckpointConfig"].get("LocalPath", f"{PLACE}/checkpoints")},
        )
    channels = work.request.get("InputDataConfig", [])
    told = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
    _write(config / "inputdataconfig.json", {one["ChannelName"]: told for one in channels})
    for channel in channels:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        folder = base / "input" / "data" / channel["ChannelName"]
        folder.mkdir(parents=True)
        if storage.download(uri, folder) == 0:
            return f'ClientError: Data download failed: No S3 objects found under S3 URL "{uri}" given in input data source'
    return None


def local(path: str, base: Path) -> Path:
    """A path below `/opt/ml`, here."""
    return Path(_moved(path, base))


def packed(folder: Path) -> bytes:
    """All in a folder as `tar.gz`; empty where there is nothing."""
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    if not files:
        return b""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", compresslevel=1) as archive:
        for path in files:
            archive.add(path, arcname=path.relative_to(folder).as_posix(), recursive=False)
    return held.getvalue()


def _moved(value: str, base: Path) -> str:
    return f"{base}{value.removeprefix(PLACE)}" if value == PLACE or value.startswith(f"{PLACE}/") else value


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
