"""What a plan is made from: a search, what is known of its rows, what would travel, and the settings of the place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cloud_nas.package.code import Container
from cloud_nas.package.parcel import Parcel
from cloud_nas.package.rows import Form
from local_engine.definition import Definition

if TYPE_CHECKING:
    from local_engine.space.flat import Space

ATTEMPTS = 999
"""The most attempts at a run, so that a name keeps its length."""


@dataclass(frozen=True)
class JobName:
    """What tells a job from all others. The nonce is drawn with the intent, and a job is ours only where its tags carry it."""

    run_id: str
    attempt: int
    nonce: str
    owner: str

    @property
    def remote(self) -> str:
        """The service's name of the job: 32 characters at most, letters, digits and single hyphens (`r-7k2xq-1`)."""
        return f"{self.run_id}-{self.attempt}"


@dataclass(frozen=True)
class Rows:
    """What a plan has to know of the data.

    Attributes:
        kind: what a row is.
        train: how many rows train.
        validation: how many rows choose.
        held_out: how many rows stay at home.
        classes: for each class, in the order of the labels, its rows in training and in validation; None for a regression.
        columns: a table's columns and their kinds, in order (`number`, `category`, `boolean`, `date`, `text`).
        fingerprint: of the whole data set.
    """

    kind: Literal["image", "table", "text", "array"]
    train: int
    validation: int
    held_out: int
    classes: Mapping[str, tuple[int, int]] | None
    columns: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""


@dataclass(frozen=True)
class Parcels:
    """What travels to a place: `rows` in which form (None: none), `code` whether the engine and the user's code do, and for
    which `container` it is packed.
    """

    rows: Form | None = None
    code: Literal["trial", "engine"] | None = None
    container: Container = "sagemaker"
    space: bool = False


@dataclass(frozen=True)
class Job:
    """One search as a target plans it.

    Attributes:
        definition: as at home.
        name: of the job.
        rows: what is known of the data.
        place: the settings of the place, whole (`Submits.settings` made them).
        parcels: what travels, by what it is: `rows`, `code`.
        space: the space; None where the target needs none.
        lines: the line of the spec's file for each dotted key, for the losses.
        tags: what the job is to be tagged with beside what the name says: `name`, the spec's sha256, the run's `identity`.
        parent: the remote name of the job whose trials `warm_start` names, where it ran at the same kind of target.
    """

    definition: Definition
    name: JobName
    rows: Rows
    place: Mapping[str, Any] = field(default_factory=dict)
    parcels: Mapping[str, Parcel] = field(default_factory=dict)
    space: Space | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None

    def line(self, path: str) -> int | None:
        """The line of the spec that has `path`, or what stands nearest above it; None where the spec does not."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0]
        return None
