"""From a spec to a job: what is packed for which target, what a plan learns of the rows and the lines, and where it began."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from cloud_nas import spec
from cloud_nas.errors import RefusedError, UsageError
from cloud_nas.operations._job import PreparedJob, prepare_job
from cloud_nas.package import cache
from cloud_nas.runs import Registry
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.row import RunRow
from cloud_nas.targets.job import JobName

ROOT = Path(__file__).resolve().parents[3]
NAME = JobName("r-7k2xq", 1, "0123456789abcdef", "ada")
PLACE = """
targets:
  sagemaker:
    region: eu-west-1
    role: arn:aws:iam::123456789012:role/nas
    bucket: my-bucket
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A spec over a table, with everything that a place needs."""
    folder = tmp_path / "table"
    shutil.copytree(ROOT / "templates" / "table", folder)
    path = folder / "spec.yaml"
    path.write_text(path.read_text() + PLACE)
    return path


def prepared(path: Path, on: str, **options: bool) -> PreparedJob:
    return prepare_job(spec.load(path), on, name=NAME, **options)


def test_a_tuning_job_has_space_code_rows_and_lines(table: Path) -> None:
    one = prepared(table, "sagemaker:tuning")
    job = one.job
    assert job.space is not None and set(job.parcels) == {"rows", "code"}
    with tarfile.open(job.parcels["code"].folder / "sourcedir.tar.gz") as archive:
        sent = {name: archive.extractfile(name).read() for name in ("space.json", "job.json")}  # type: ignore[union-attr]
    assert json.loads(sent["space.json"]) == job.space.to_json()
    assert json.loads(sent["job.json"])["fingerprint"] == job.rows.fingerprint == one.identity.data
    assert (job.rows.kind, job.rows.train, job.rows.validation, job.rows.held_out) == ("table", 480, 160, 160)
    assert job.rows.classes == {"no": (334, 112), "yes": (146, 48)}
    assert job.rows.columns["plan"] == "category" and "churned" not in job.rows.columns
    lines = table.read_text().splitlines()
    assert (
        "strategy:" in lines[job.lines["search.strategy"] - 1] and "region:" in lines[job.lines["targets.sagemaker.region"] - 1]
    )
    assert job.line("train.callbacks") == job.lines["train"] and "targets.sagemaker.volume" not in job.lines
    assert (one.identity.target, job.tags["identity"]) == ("sagemaker:tuning", one.identity.to_tag())
    assert job.tags["name"] == "customers" and job.tags["spec"] == one.loaded.sha256
    assert (job.place["spot"], job.parent) == (False, None)
    again = prepared(table, "sagemaker:tuning", spot=True)
    assert again.job.place["spot"] is True and again.job.parcels == job.parcels and again.identity == one.identity
    engine = prepared(table, "sagemaker:engine", wheels=False)
    assert engine.job.space is None and [f.path for f in engine.job.parcels["code"].files] == ["sourcedir.tar.gz"]
    assert engine.job.parcels["rows"] == job.parcels["rows"] and engine.identity != one.identity


def test_nothing_but_what_is_listed_is_in_the_cache(table: Path) -> None:
    job = prepared(table, "sagemaker:engine").job
    for parcel in job.parcels.values():
        there = {path.relative_to(parcel.folder).as_posix() for path in parcel.folder.rglob("*") if path.is_file()}
        assert there == {one.path for one in parcel.files if one.wheel is None}
    assert {one.kind for one in cache.contents()} == {"code", "rows"}
    for one in cache.contents():
        cache.remove(one)
    assert list(cache.contents()) == []


def test_a_secret_beside_the_model_stops_it_before_anything_is_packed(table: Path) -> None:
    (table.parent / ".env").write_text("A=1\n")
    table.write_text(table.read_text() + "code: {include: ['.']}\n")
    with pytest.raises(RefusedError, match=r"^\.env is among the code that travels"):
        prepared(table, "sagemaker:tuning")
    assert list(cache.contents()) == []


@pytest.mark.parametrize("metric", ["val_auc", "val_accuracy", "accuracy"])
def test_a_tuning_job_begins_from_another_where_that_was_for_the_same(table: Path, metric: str) -> None:
    identity = Identity("s", "c", "d", "sagemaker:tuning")
    place = {"metric": metric, "goal": "maximize"}
    row = RunRow("r-abcde", "other", "sagemaker:tuning", "succeeded", "s", identity, {}, remote="r-abcde-2", place=place)
    with Registry() as registry:
        registry.create(row)
    table.write_text(table.read_text().replace("search:\n", "search:\n  warm_start: r-abcde\n"))
    if metric.endswith("accuracy"):
        assert prepared(table, "sagemaker:tuning").job.parent == "r-abcde-2"
    else:
        with pytest.raises(UsageError, match="r-abcde was to maximize auc, this search is to maximize accuracy"):
            prepared(table, "sagemaker:tuning")


def test_this_machine_takes_no_jobs(table: Path) -> None:
    with pytest.raises(UsageError, match="local takes no jobs"):
        prepared(table, "local")


PLAN = """
import sys
for name in ("tensorflow", "keras", "optuna", "sklearn", "skops", "boto3", "botocore"):
    sys.modules[name] = None
from cloud_nas import spec
from cloud_nas.operations._job import prepare_job
from cloud_nas.targets import find
from cloud_nas.targets.job import JobName
for path in sys.argv[1:]:
    prepared = prepare_job(spec.load(path), "sagemaker:autopilot", name=JobName("r-7k2xq", 1, "n", "me"))
    print(prepared.job.rows.kind, *(one.path for one in prepared.job.parcels["rows"].files))
"""


def test_autopilot_needs_no_engine_for_tables_and_texts(table: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates" / "text", tmp_path / "text")
    text = tmp_path / "text" / "spec.yaml"
    text.write_text(text.read_text() + PLACE)
    done = subprocess.run(
        [sys.executable, "-c", PLAN, str(table), str(text)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "table names.json train/rows.csv validation/rows.csv",
        "text names.json train/rows.csv validation/rows.csv",
    ], done.stderr
