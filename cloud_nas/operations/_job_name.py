"""What a new job is called: a run's id, its attempt, a nonce, and whose it is."""

from __future__ import annotations

import getpass
import os
import re
import secrets

from cloud_nas.runs.registry import Registry
from cloud_nas.targets.job import JobName


def new_name() -> JobName:
    """The first attempt at a run that nobody has begun; drawn, so that no two are the same."""
    with Registry() as registry:
        return JobName(registry.mint(), 1, new_nonce(), owner())


def new_nonce() -> str:
    """What only the machine that made a job, and the job's tags, know."""
    return secrets.token_hex(16)


def owner() -> str:
    """The user's name, as tags can have it."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container without a name for its user
        name = f"user-{os.getuid()}"
    return re.sub(r"[^\w .:/=+\-@]", "_", name)[:128] or "user"
