"""Commands and operations know of no cloud by name: help texts list those that there are, and all else asks the target."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cloud_nas
from cloud_nas.cli.places import IN_A_CLOUD
from cloud_nas.operations.rehearse import FAULTS, stands_for
from cloud_nas.rehearse.clouds import cloud_of, clouds
from cloud_nas.targets import find, names
from cloud_nas.targets.base import Submits

PACKAGE = Path(cloud_nas.__file__).parent
IN_CLOUDS = [name for name in names() if isinstance(find(name), Submits)]


def test_help_names_every_target_that_takes_jobs() -> None:
    named = [
        f"{place}:{kind}"
        for part in IN_A_CLOUD.split(" or ")
        for place, _, kinds in [part.partition(":")]
        for kind in kinds.split("|")
    ]
    assert named == IN_CLOUDS


@pytest.mark.parametrize("target", IN_CLOUDS)
def test_every_target_that_takes_jobs_can_be_rehearsed(target: str) -> None:
    cloud = cloud_of(target)
    assert cloud is not None and cloud.section in clouds()
    assert (stands_for(target) == cloud.own_search) is target.endswith((":autopilot", ":automl"))
    assert cloud_of("local") is None


def test_the_faults_of_the_command_are_those_of_every_stand_in() -> None:
    from cloud_nas.cli.rehearse import _FAULTS
    from cloud_nas.rehearse.faults import FAULTS as OF_STAND_INS

    assert tuple(_FAULTS) == tuple(FAULTS)
    assert set(FAULTS) == set(OF_STAND_INS)


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("room", ["cli", "compare", "models", "operations", "runs", "testing"])
def test_no_cloud_is_imported_by_name(room: str) -> None:
    """A third cloud then needs no change here."""
    own = (*(f"cloud_nas.targets.{section}" for section in clouds()), "cloud_nas.rehearse.aws", "cloud_nas.rehearse.gcp")
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in (PACKAGE / room).rglob("*.py")
        if any(name.startswith(own) for name in imported(file))
    }
    assert found <= {"operations/_buckets.py"}  # an address says itself which cloud it is of
