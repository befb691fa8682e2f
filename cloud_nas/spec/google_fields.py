"""The kinds of value that only the section of Vertex AI holds: each has the form that Google gives it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from cloud_nas.spec.fields import refuse, shown
from cloud_nas.spec.place_fields import form

MOST_LABELS = 40
"""Google allows 64, and ours are among them."""

OURS = "cloud-nas-"
"""How labels begin that are not the user's."""

_KEY, _VALUE = re.compile(r"[a-z][a-z0-9_-]{0,62}"), re.compile(r"[a-z0-9_-]{0,63}")


def _labels(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if len(value) > MOST_LABELS:
        hint = f"at most {MOST_LABELS}: Google allows 64, and ours are among them"
        raise refuse("CN139", f"{len(value)} labels are too many", hint)
    for key, text in value.items():
        if str(key).startswith((OURS, "goog")):
            whose = "cloud-nas" if str(key).startswith(OURS) else "Google"
            raise refuse("CN139", f"the label {shown(key)} is {whose}'s own", "give it another name")
        if not _KEY.fullmatch(str(key)) or (isinstance(text, str) and not _VALUE.fullmatch(text)):
            hint = "small letters, digits, _ and -, 63 at most; a key begins with a letter"
            raise refuse("CN139", f"Google takes no such label: {shown(key)}", hint)
    return value


GoogleProject = Annotated[
    str,
    *form(
        r"(?:[a-z0-9.\-]+:)?[a-z][a-z0-9\-]{4,28}[a-z0-9]|[0-9]{6,20}",
        "a Google Cloud project",
        "its id, like my-project, not its display name; `gcloud projects list` lists yours",
        longest=128,
    ),
]
GoogleLocation = Annotated[
    str, *form(r"[a-z]+(?:-[a-z]+)+[0-9]{1,2}", "a Google Cloud region", "a region is like europe-west4", longest=32)
]
GoogleMachine = Annotated[
    str, *form(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+", "a type of machine at Google", "it is like n1-standard-8", longest=64)
]
Accelerator = Annotated[
    str, *form(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", "a type of accelerator", "it is like NVIDIA_TESLA_T4 or NVIDIA_L4", longest=64)
]
ServiceAccount = Annotated[
    str,
    *form(
        r"[a-z0-9\-]+@[a-z0-9.\-]+\.gserviceaccount\.com",
        "a service account",
        "its address, like trainer@my-project.iam.gserviceaccount.com",
        longest=255,
    ),
]
GoogleNetwork = Annotated[
    str,
    *form(
        r"projects/[0-9]+/global/networks/[a-z][a-z0-9\-]*",
        "a VPC network's full name",
        "it is like projects/123456789012/global/networks/NAME, with the project's number",
        longest=255,
    ),
]
GoogleKmsKey = Annotated[
    str,
    *form(
        r"projects/[a-z0-9.:\-]+/locations/[a-z0-9\-]+/keyRings/[A-Za-z0-9_\-]+/cryptoKeys/[A-Za-z0-9_\-]+",
        "a key of Cloud KMS",
        "it is like projects/P/locations/L/keyRings/R/cryptoKeys/K",
        longest=512,
    ),
]
Labels = Annotated[
    dict[str, str],
    BeforeValidator(_labels),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_LABELS,
            "additionalProperties": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9_-]*$"},
            "propertyNames": {"pattern": "^[a-z][a-z0-9_-]{0,62}$", "not": {"pattern": "^(cloud-nas-|goog)"}},
        }
    ),
]
