"""What is planned for a spec of images is on disk, whole, and the same however often it is planned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cloud_nas.operations.plan import plan
from local_engine.files import sha256_of

PLACE = "{vertex: {project: my-project, location: europe-west4, bucket: BUCKET}}"


def test_every_file_that_travels_is_there_and_the_list_names_them_all(home: Path, make_spec: Callable[..., Path]) -> None:
    for bucket in ("my-bucket", "another"):
        spec = make_spec(targets=PLACE.replace("BUCKET", bucket))
        made = plan(spec, on="vertex:automl").plan
        (listed,) = (one for one in made.uploads if one.destination.endswith("/import.csv"))
        named = {line.partition(",")[0] for line in Path(listed.source).read_text().splitlines()}
        assert named == {one.destination for one in made.uploads} - {listed.destination}
        assert {name.partition("/data/")[0] for name in named} == {f"gs://{bucket}/cloud-nas"}
        assert all(sha256_of(Path(one.source)) == one.sha256 for one in made.uploads)
    assert plan(spec, on="vertex:automl").plan.uploads == made.uploads
