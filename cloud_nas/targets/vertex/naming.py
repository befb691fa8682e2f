"""What things are called at Google: objects in the bucket, labels, display names. Whatever looks for them later reads it here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.layout import Layout

_LAYOUT = Layout("gs")
root, rows_uri, code_uri, split_uri = _LAYOUT.root, _LAYOUT.rows_uri, _LAYOUT.code_uri, _LAYOUT.split_uri
run_uri, own_uri, study_uri = _LAYOUT.run_uri, _LAYOUT.own_uri, _LAYOUT.study_uri
"""Folders of the bucket. `run_uri` is a job's `baseOutputDirectory`; below it are `[TRIAL/]model/`, `checkpoints/`, `logs/`."""

LABEL = "cloud-nas-"
"""What our labels begin with."""

LONGEST = 63
"""Characters of a label's value. What is longer goes on in further labels: `cloud-nas-spec`, `cloud-nas-spec-2`, ..."""

MODEL = "model.tar.gz"
"""Our container's artifact, below `AIP_MODEL_DIR`."""

OUTPUT = "output.tar.gz"
"""Beside it: an engine's study and its trials' curves."""

FAILURE = "failure.txt"
"""Why our container ended with an error, in one line; in the folder of the job, or of the trial."""


def wheels_uri(job: Job) -> str:
    """The folder of the packages that an image may lack, each by its content; they are large, and all jobs share them."""
    return f"{root(job.place)}wheels/"


def parent(place: Mapping[str, Any]) -> str:
    """The collection that all resources of a place are in."""
    return f"projects/{place['project']}/locations/{place['location']}"


def labels(job: Job, target: str) -> dict[str, str]:
    """The user's labels and ours, as requests have them, ascending by key; `told` reads ours back.

    Args:
        job: the job.
        target: as `--on` has it.
    """
    ours = {
        "run": job.name.run_id,
        "attempt": str(job.name.attempt),
        "nonce": job.name.nonce,
        "owner": job.name.owner,
        "target": target.replace(":", "-"),
        **job.tags,  # name, spec, identity, objective
    }
    found = dict(job.place.get("labels", {}))
    for key, value in ours.items():
        for number, part in enumerate(_parts(encoded(value)), 1):
            found[f"{LABEL}{key}" if number == 1 else f"{LABEL}{key}-{number}"] = part
    return dict(sorted(found.items()))


def told(labels: Mapping[str, str]) -> dict[str, str]:
    """Our labels as `labels` was given them: `run`, `attempt`, `nonce`, `owner`, `target`, and the job's tags."""
    parts: dict[str, dict[int, str]] = {}
    for label, value in labels.items():
        match = _OURS.fullmatch(label)
        if match is not None:
            parts.setdefault(match["key"], {})[int(match["number"] or 1)] = value
    found = {key: decoded("".join(one[number] for number in sorted(one))) for key, one in sorted(parts.items())}
    if "target" in found:
        found["target"] = found["target"].replace("-", ":", 1)
    return found


def encoded(value: str) -> str:
    """A text in the characters of a label, reversibly: small letters, digits and `-` as they are, `_41` for `A`."""
    return "".join(one if one in _PLAIN else "".join(f"_{byte:02x}" for byte in one.encode()) for one in value)


def decoded(value: str) -> str:
    """The text that `encoded` was given; of a label that is not of its making, the label."""
    try:
        pieces = re.split("((?:_[0-9a-f]{2})+)", value)
        return "".join(bytes.fromhex(one.replace("_", "")).decode() if one.startswith("_") else one for one in pieces)
    except ValueError:
        return value


def _parts(value: str) -> list[str]:
    return [value[start : start + LONGEST] for start in range(0, len(value), LONGEST)] or [""]


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_OURS = re.compile(rf"{LABEL}(?P<key>[a-z]+)(?:-(?P<number>[0-9]+))?")
