"""The kinds of value that only a place's section holds: each has the form that the place's own model of its requests gives it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from cloud_nas.spec.fields import refuse, shown

MOST_TAGS = 40
"""AWS allows 50, and ours are among them."""

OURS = ("cloud-nas:", "aws:")
"""How tags begin that are not the user's."""

_TAG_KEY, _TAG_VALUE = re.compile(r"[\w\s.:/=+\-@]{1,128}"), re.compile(r"[\w\s.:/=+\-@]{0,256}")


def form(pattern: str, what: str, hint: str, *, longest: int = 2048) -> tuple[BeforeValidator, WithJsonSchema]:
    """A text of this form; `what` it is, for the message, and how one looks, for the hint."""
    compiled = re.compile(pattern)

    def check(value: Any) -> Any:
        if isinstance(value, str) and (len(value) > longest or not compiled.fullmatch(value)):
            raise refuse("CN137", f"not {what}: {shown(value)}", hint)
        return value

    return BeforeValidator(check), WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$", "maxLength": longest})


def _tags(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if len(value) > MOST_TAGS:
        raise refuse("CN139", f"{len(value)} tags are too many", f"at most {MOST_TAGS}: AWS allows 50, and ours are among them")
    for key, text in value.items():
        if str(key).lower().startswith(OURS):
            whose = "AWS" if str(key).lower().startswith("aws:") else "cloud-nas"
            raise refuse("CN139", f"the tag {shown(key)} is {whose}'s own", "give it another name")
        if not _TAG_KEY.fullmatch(str(key)) or (isinstance(text, str) and not _TAG_VALUE.fullmatch(text)):
            hint = "letters, digits, spaces and _.:/=+-@; a key has at most 128 of them, a value 256"
            raise refuse("CN139", f"AWS takes no such tag: {shown(key)}", hint)
    return value


Region = Annotated[str, *form(r"[a-z]{2,5}(-[a-z]+){1,3}-[0-9]{1,2}", "an AWS region", "a region is like eu-west-1", longest=32)]
Role = Annotated[
    str,
    *form(
        r"arn:aws[a-z\-]*:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@\-/]+",
        "a role's ARN",
        "it is like arn:aws:iam::123456789012:role/NAME; `aws iam list-roles` lists yours",
    ),
]
Bucket = Annotated[
    str,
    *form(
        r"(?!.*\.\.)[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]",
        "a bucket's name",
        "the name alone: 3 to 63 of a-z, 0-9, dots and hyphens",
        longest=63,
    ),
]
Prefix = Annotated[
    str,
    *form(
        r"(?:[A-Za-z0-9!_.*'()\-]+(?:/[A-Za-z0-9!_.*'()\-]+)*/?)?",
        "a prefix of keys",
        "folders in the bucket, like team/cloud-nas/, without a slash in front",
        longest=200,
    ),
]
Instance = Annotated[
    str, *form(r"ml\.[a-z0-9\-]+\.[a-z0-9\-]+", "a type of machine at SageMaker", "it is like ml.m5.xlarge", longest=64)
]
Image = Annotated[
    str, *form(r"\S+", "a container's image", "it is like 123456789012.dkr.ecr.eu-west-1.amazonaws.com/NAME:TAG", longest=255)
]
Subnet = Annotated[str, *form(r"[\-0-9a-zA-Z]+", "a subnet's id", "it is like subnet-0123456789abcdef0", longest=32)]
SecurityGroup = Annotated[str, *form(r"[\-0-9a-zA-Z]+", "a security group's id", "it is like sg-0123456789abcdef0", longest=32)]
KmsKey = Annotated[str, *form(r"[a-zA-Z0-9:/_\-]+", "a key of KMS", "its id, its ARN, or alias/NAME", longest=2048)]
Tags = Annotated[
    dict[str, str],
    BeforeValidator(_tags),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_TAGS,
            "additionalProperties": {"type": "string", "maxLength": 256},
            "propertyNames": {"maxLength": 128, "minLength": 1, "not": {"pattern": "^(cloud-nas|[aA][wW][sS]):"}},
        }
    ),
]
