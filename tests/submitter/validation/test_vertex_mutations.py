"""One violation for each constraint of each member of the operations that we use: all are caught, where the protos' own reading
of JSON catches some.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import cloud_nas.targets.vertex as vertex
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.vertex.client import message as proto
from cloud_nas.targets.vertex.client import unreadable
from cloud_nas.targets.vertex.constraints import CONSTRAINTS
from cloud_nas.targets.vertex.protos import PACKAGE, behaviour, problems
from cloud_nas.targets.vertex.validation import problems as problems_of_plan

from .google_values import MESSAGE, changed, is_map, message, right, ways, wrongs

OPERATIONS = (
    "CreateHyperparameterTuningJob",
    "CreateCustomJob",
    "CreateDataset",
    "ImportData",
    "CreateTrainingPipeline",
    "CreateBatchPredictionJob",
    "ExportModel",
)


def mutations(descriptor: Any) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Every violation: what it is, the request, and a word of the message."""
    yield "unknown", {**message(descriptor), "bogus": 1}, "there is no such member"
    for way in ways(descriptor):
        base, field = message(descriptor, way), way[-1]
        required, own = behaviour().get(field.containing_type.full_name.removeprefix(PACKAGE), ((), ()))
        called = ".".join(one.json_name for one in way)
        if field.json_name in own:
            yield f"{called} is not ours", base, "the service's own to say"
            continue
        if field.json_name in required:
            yield f"{called} missing", changed(base, way, ...), "missing"
            if not field.is_repeated and field.type == 9:
                yield f"{called} empty", changed(base, way, ""), "missing"
        for kind, value, said in wrongs(field):
            yield f"{called} {kind}", changed(base, way, value), said
        union = field.containing_oneof
        others = [] if union is None else [one for one in union.fields if one is not field and one.json_name not in own]
        for other in others[:1]:
            both = changed(base, (*way[:-1], other), right(other))
            yield f"{called} with {other.json_name}", both, "one of"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_violation_of_a_constraint_is_caught(operation: str) -> None:
    count = read = 0
    missed = []
    for called, body, said in mutations(proto(operation).DESCRIPTOR):
        count += 1
        found = problems_of_plan(Plan("vertex:tuning", requests=(Request("aiplatform", operation, body),)))
        if not any(said in one for one in found):
            missed.append(f"{called}: {found[:2]}")
        read += unreadable(operation, body) is not None
    print(f"{operation}: {count} violations, {count - len(missed)} caught here, {read} by the strict reading of the proto alone")
    assert not missed, "\n".join(missed[:20])
    assert count >= 20
    assert read < count


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_the_protos_allow_is_let_through(operation: str) -> None:
    descriptor = proto(operation).DESCRIPTOR
    wrong = []
    for way in ways(descriptor):
        body = message(descriptor, way)
        found = [one for one in problems(descriptor, body) if "the service's own to say" not in one]
        unread = unreadable(operation, body)
        wrong += [(".".join(one.json_name for one in way), found[:1], unread)] if found or unread else []
    assert wrong == []


def test_what_is_required_and_what_is_the_services_own_is_what_the_protos_comments_say() -> None:
    path = Path(str(vertex.__file__)).parent / "behaviour.toml"
    text = told()
    assert path.read_text(encoding="utf-8") == text, f"behaviour.toml should be:\n{text}"


def test_every_constraint_is_of_a_member_that_there_is() -> None:
    there = {f"{name}.{field.json_name}" for name, descriptor in messages().items() for field in descriptor.fields}
    assert set(CONSTRAINTS) - there == set()


def messages() -> dict[str, Any]:
    """Every message that a request of ours may hold, by its name without the package."""
    found: dict[str, Any] = {}

    def add(descriptor: Any) -> None:
        name = descriptor.full_name.removeprefix(PACKAGE)
        if name in found or not descriptor.full_name.startswith(PACKAGE):
            return
        found[name] = descriptor
        for field in descriptor.fields:
            inner = field.message_type.fields_by_name["value"].message_type if is_map(field) else field.message_type
            if field.type == MESSAGE and inner is not None:
                add(inner)

    for operation in OPERATIONS:
        add(proto(operation).DESCRIPTOR)
    return found


def told() -> str:
    """behaviour.toml, from the comments."""
    from google.cloud.aiplatform_v1 import types

    tables = []
    for name, descriptor in sorted(messages().items()):
        kind: Any = types
        for part in name.split("."):
            kind = getattr(kind, part)
        comments = dict(re.findall(r"^ +(\w+?)_? \([^\n]*\):\n\s*(.*)$", kind.__doc__ or "", re.MULTILINE))
        lines = []
        for key, word in (("required", "Required."), ("output_only", "Output only")):
            fields = [one.json_name for one in descriptor.fields if comments.get(one.name.rstrip("_"), "").startswith(word)]
            if fields:
                lines.append(_line(key, [json.dumps(field) for field in fields]))
        if lines:
            tables.append("\n".join([f"[{json.dumps(name) if '.' in name else name}]", *lines]))
    return _HEAD + "\n\n".join(tables) + "\n"


def _line(key: str, names: list[str]) -> str:
    line = f"{key} = [{', '.join(names)}]"
    return line if len(line) <= 128 else f"{key} = [\n    " + ",\n    ".join(names) + ",\n]"


_HEAD = (
    "# Of each message that our requests may hold: which members are required, and which only the service sets; as the comments\n"
    "# of the protos of google-cloud-aiplatform 2.7.0 have it. A test compares the two, and prints this file where they differ.\n"
    "\n"
)
