"""A spec whose plan is kept as a file, so that a review sees it change.

`CLOUD_NAS_GOLDEN=1 pytest tests/submitter/plan` writes the files anew.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job
from local_engine.definition import Prior
from local_engine.space.flat import Space

GOLDEN = Path(__file__).parent / "golden"

RANDOM = {"strategy: hyperband\n  factor: 3": "strategy: random"}
"""Edits of the template of images."""
BAYESIAN = {"strategy: hyperband\n  factor: 3": "strategy: bayesian"}
GRID = {"strategy: hyperband\n  factor: 3": "strategy: grid"}


class Case(NamedTuple):
    """A template's spec at a target, with what `make_job` takes beside it, and how many trials it begins from."""

    template: str
    on: str
    place: str = ""
    edits: Mapping[str, str] = MappingProxyType({})
    parent: str | None = None
    prior: int = 0
    space: Space | None = None

    def job(self, make_job: Callable[..., Job]) -> Job:
        """The job."""
        job = make_job(self.template, self.on, place=self.place, edits=self.edits, parent=self.parent, space=self.space)
        prior = tuple(Prior({"blocks": 1}, 0.5 + one / 100) for one in range(self.prior))
        return dataclasses.replace(
            job, definition=dataclasses.replace(job.definition, search=dataclasses.replace(job.definition.search, prior=prior))
        )

    def check(self, make_job: Callable[..., Job], file: Path) -> None:
        """Holds the plan against its file, and against the service's own rules."""
        target = find(self.on)
        plan = target.plan(self.job(make_job))
        assert isinstance(target, Submits) and target.validate(plan) == ()
        made = plan.to_json()
        shown = {key: made[key] for key in ("requests", "uploads", "losses", "place", "notes")}
        text = json.dumps(_without_programs(shown), indent=1, ensure_ascii=False) + "\n"
        if os.environ.get("CLOUD_NAS_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        assert json.loads(text) == json.loads(file.read_text())


def _without_programs(value: Any) -> Any:
    """The program that a container of Google's begins with is a file of its own, and changes with it."""
    if isinstance(value, dict):
        return {key: _without_programs(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_programs(one) for one in value]
    return "(the program)" if isinstance(value, str) and value.count("\n") > 20 else value
