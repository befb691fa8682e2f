"""Jobs made of nothing, for what looks at a part of them alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.targets.job import Job, JobName, Rows
from cloud_nas.targets.vertex.placement import settings
from local_engine.definition import Data, Definition, ModelSpace, Objective, Search
from local_engine.space.flat import Space

PLACE = {"project": "my-project", "location": "europe-west4", "bucket": "my-bucket"}
PARCELS = {
    "code": Parcel(Path("code"), (ParcelFile("sourcedir.tar.gz", "b" * 64, 10),)),
    "rows": Parcel(Path("rows"), (ParcelFile("bundle.json", "a" * 64, 10),)),
}


def job_with(space: Space, strategy: str = "random", place: Mapping[str, Any] | None = None) -> Job:
    """A job at Vertex AI that searches a space."""
    definition = Definition(
        name="made",
        task="image-classification",
        data=Data("builtin:digits"),
        objective=Objective("accuracy", "maximize"),
        space=ModelSpace("/spec/model.py", "build"),
        search=Search(strategy),
    )
    rows = Rows("image", 100, 20, 10, {"0": (50, 10), "1": (50, 10)})
    return Job(
        definition, JobName("r-7k2xq", 1, "0123456789abcdef", "ada"), rows, settings({**PLACE, **(place or {})}), PARCELS, space
    )
