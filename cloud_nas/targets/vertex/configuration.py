"""Google's own configuration of this machine: the project and the region, from the environment and its files. Sends nothing."""

from __future__ import annotations

import configparser
import json
import os
from pathlib import Path

from cloud_nas.errors import UsageError

_PROJECT = ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
_LOCATION = ("GOOGLE_CLOUD_REGION", "GOOGLE_CLOUD_LOCATION", "CLOUDSDK_AI_REGION", "CLOUDSDK_COMPUTE_REGION")


def default_project() -> str | None:
    """The project's id: of the environment, of the service account's key, of gcloud's configuration; None where none has one."""
    return _of_environment(_PROJECT) or _of_key() or _of_gcloud("core", "project")


def default_location() -> str | None:
    """The region: of the environment, else of gcloud's configuration; None where neither has one."""
    return _of_environment(_LOCATION) or _of_gcloud("ai", "region") or _of_gcloud("compute", "region")


def required(found: str | None, what: str, example: str) -> str:
    """What was found.

    Raises:
        UsageError: nothing was.
    """
    if not found:
        raise UsageError(f"no {what} at Google is known", hint=f"targets: {{vertex: {{{what}: {example}}}}}", code="CN511")
    return str(found)


def _of_environment(names: tuple[str, ...]) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


def _of_key() -> str | None:
    path = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if not path:
        return None
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # whoever logs in with it will say so
        return None
    project = found.get("project_id") if isinstance(found, dict) else None
    return str(project) if project else None


def _of_gcloud(section: str, name: str) -> str | None:
    folder = _gcloud()
    try:
        active = os.environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME") or (folder / "active_config").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        active = "default"
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(folder / "configurations" / f"config_{active}", encoding="utf-8")
    except (configparser.Error, ValueError):
        return None
    return parser.get(section, name, fallback=None) or None


def _gcloud() -> Path:
    """The folder of gcloud."""
    if os.environ.get("CLOUDSDK_CONFIG"):
        return Path(os.environ["CLOUDSDK_CONFIG"])
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "C:/"), "gcloud")
    return Path.home() / ".config" / "gcloud"
