"""The parts of a container of Vertex AI, each by itself: arguments, the metric file, storage, wheels, two starts at once."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from local_engine.containers import bootstrap, wheels
from local_engine.containers.arguments import parse
from local_engine.containers.base import Base
from local_engine.containers.gcs import Storage
from local_engine.containers.metric_file import LONGEST, MetricFile
from local_engine.containers.vertex_places import Places
from local_engine.containers.vertex_platform import Superseded, Vertex
from local_engine.definition import Objective
from local_engine.errors import EngineError
from local_engine.training.failures import as_trial_errors

from .cloud_storage import CloudStorage, serving

NAMES = some.from_regex(r"[a-z][a-z0-9_/ .]{0,8}", fullmatch=True)
VALUES = some.text(some.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=8)
OBJECTIVE = Objective("accuracy", "maximize")


@given(pairs=some.dictionaries(NAMES, VALUES), forms=some.lists(some.booleans(), min_size=9, max_size=9))
def test_arguments_are_read_in_both_forms(pairs: dict[str, str], forms: list[bool]) -> None:
    written: list[str] = ["train", "-x"]
    for (name, value), one in zip(pairs.items(), [*forms, *([True] * len(pairs))], strict=False):
        written += [f"--{name}={value}"] if one or value.startswith("--") else [f"--{name}", value]
    assert parse([*written, "--alone"]) == pairs


def test_the_later_of_two_arguments_counts_and_numbers_may_be_negative() -> None:
    assert parse(["--a", "-1.5", "--a=2", "--b", "x", "y", "--"]) == {"a": "2", "b": "x"}
    assert parse(["--a", "-1.5"]) == {"a": "-1.5"}


CURVE = some.lists(some.none() | some.floats(allow_nan=False, allow_infinity=False), max_size=12)


@given(values=CURVE, cut=some.integers(0, 12), same_machine=some.booleans(), back=some.integers(0, 12))
def test_each_epoch_is_in_the_metric_file_once(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], cut: int, same_machine: bool, back: int
) -> None:
    folder = tmp_path_factory.mktemp("metrics")
    first = MetricFile(OBJECTIVE, path=folder / "one", trial="3", clock=lambda: 7.5)
    for number, value in enumerate(values[:cut], 1):
        first.epoch(number, value)
    path = folder / ("one" if same_machine else "two")
    kept = max(0, min(cut, len(values)) - back)  # the checkpoint may be older than what was told
    second = MetricFile(OBJECTIVE, enumerate(values[:kept], 1), path=path, trial="3", clock=lambda: 7.5)
    for number, value in enumerate(values[kept:], kept + 1):
        second.epoch(number, value)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    told = [(number, value) for number, value in enumerate(values, 1) if value is not None]
    assert [(int(row["global_step"]), float(row["val_accuracy"])) for row in rows] == told
    assert all(row["trial"] == "3" and row["checkpoint_path"] == "" and row["timestamp"] == 7.5 for row in rows)
    assert all(isinstance(row["val_accuracy"], str) and isinstance(row["global_step"], str) for row in rows)


def test_the_metric_file_keeps_the_last_lines_and_heals_a_torn_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "output.metrics"
    for number in range(LONGEST + 20):
        MetricFile(OBJECTIVE, path=path, trial="1").epoch(number + 1, 0.5)
        if number == 50:
            path.write_text(path.read_text()[:-9])
    steps = [int(json.loads(line)["global_step"]) for line in path.read_text().splitlines()]
    assert len(steps) == LONGEST and steps[-1] == LONGEST + 20 and 51 not in steps


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudStorage]:
    """A bucket that this process asks as a container would."""
    monkeypatch.setattr(bootstrap, "_token", ("", 0.0))
    monkeypatch.setattr(bootstrap.time, "sleep", lambda seconds: None)
    with serving() as storage:
        for name, value in storage.variables.items():
            monkeypatch.setenv(name, value)
        yield storage


def test_objects_are_written_under_a_condition_and_listed_over_pages(cloud: CloudStorage, tmp_path: Path) -> None:
    storage, uri = Storage(), "gs://a-bucket/runs/a b/ü.json"
    (tmp_path / "one").write_text("1")
    cloud.failures += [500, 429, 503]
    assert storage.generation(uri) == 0
    first = storage.put(uri, tmp_path / "one", generation=0)
    assert first == storage.generation(uri)
    with pytest.raises(FileExistsError):
        storage.put(uri, tmp_path / "one", generation=0)
    storage.put(uri, tmp_path / "one", generation=first)
    for number in range(5):
        storage.put(f"gs://a-bucket/runs/a b/{number}", tmp_path / "one")
    assert storage.names("gs://a-bucket/runs/a b/") == ["0", "1", "2", "3", "4", "ü.json"]
    storage.fetch_fresh(uri, tmp_path / "deep" / "two")
    assert (tmp_path / "deep" / "two").read_text() == "1"
    storage.remove(uri)
    storage.remove(uri)
    with pytest.raises(FileNotFoundError):
        storage.fetch(uri, tmp_path / "three")


def test_the_mount_serves_where_the_api_refuses(cloud: CloudStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a-bucket").mkdir()
    (tmp_path / "one").write_text("1")
    cloud.failures += [403]
    with pytest.raises(OSError, match="403"):
        Storage().put("gs://a-bucket/x/y", tmp_path / "one")  # there is no mount
    monkeypatch.setenv("CLOUD_NAS_GCS_ROOT", str(tmp_path))
    cloud.failures += [403]
    storage = Storage()
    assert storage.put("gs://a-bucket/x/y", tmp_path / "one", generation=0) is None
    assert (tmp_path / "a-bucket" / "x" / "y").read_text() == "1" and not cloud.objects
    assert storage.names("gs://a-bucket/x/") == ["y"] and storage.generation("gs://a-bucket/x/y") is None


def platform(root: Path) -> Vertex:
    """A start whose trial has a model and a checkpoint."""
    root.mkdir()
    base = Base(root, "job", root / "code")
    places = Places(*(f"gs://a-bucket/{name}/" for name in ("code", "wheels", "rows", "1/2/model", "1/2/checkpoints")))
    for path, text in ((base.model / "manifest.json", '{"epochs": 3, "params": {}}'), (base.checkpoints / "a.npz", root.name)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Vertex(base, places, {}, Storage())


def test_what_is_final_is_not_replaced_by_a_start_that_lags_behind(cloud: CloudStorage, tmp_path: Path) -> None:
    late, first = platform(tmp_path / "late"), platform(tmp_path / "first")
    assert not late.bring_back() and not first.bring_back()
    first.placed()
    first.kept()
    first.finish()
    final = {name: generation for name, (generation, _) in cloud.objects.items()}
    with pytest.raises(Superseded):
        late.placed()
    with pytest.raises(Superseded):
        late.kept()
    assert {name: generation for name, (generation, _) in cloud.objects.items()} == final
    assert platform(tmp_path / "again").bring_back(), "it is done"


def test_a_start_that_goes_back_keeps_the_model_of_a_later_epoch(cloud: CloudStorage, tmp_path: Path) -> None:
    first = platform(tmp_path / "first")
    first.bring_back()
    first.placed()
    there = cloud.objects["1/2/model/model.tar.gz"]
    again = platform(tmp_path / "again")
    (again.base.model / "manifest.json").write_text('{"epochs": 2, "params": {}}')
    again.bring_back()
    again.placed()
    assert cloud.objects["1/2/model/model.tar.gz"] == there
    again.finish()
    assert cloud.objects["1/2/model/model.tar.gz"] != there, "the final one is that of the curve that was told last"


def test_a_storage_that_does_not_answer_for_a_while_ends_no_job(
    cloud: CloudStorage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = platform(tmp_path / "first")
    first.bring_back()
    cloud.failures += [503] * (2 * bootstrap.TRIES)
    first.placed()
    first.kept()
    assert not cloud.objects and capsys.readouterr().out.count("could not be sent to the bucket") == 2
    first.finish()
    assert set(cloud.objects) == {
        f"1/2/{name}" for name in ("model/model.tar.gz", "checkpoints/published.json", "checkpoints/state.tar")
    }
    second = platform(tmp_path / "second")
    cloud.objects.clear()
    second.bring_back()
    cloud.failures += [503] * bootstrap.TRIES
    with pytest.raises(OSError, match="503"):
        second.finish()


def test_another_starts_end_is_not_taken_for_a_fault_of_the_users_code() -> None:
    with pytest.raises(Superseded), as_trial_errors([]):
        raise Superseded


def test_a_package_without_its_variables_says_which() -> None:
    with pytest.raises(EngineError, match="AIP_CHECKPOINT_DIR is None"):
        Places.here(dict.fromkeys(("CLOUD_NAS_CODE", "CLOUD_NAS_ROWS", "CLOUD_NAS_WHEELS", "AIP_MODEL_DIR"), "gs://b/x"))


def wheel(folder: Path, name: str, module: str, text: str) -> Path:
    """A wheel of that file's name with one module."""
    folder.mkdir(exist_ok=True)
    package, version = name.split("-")[:2]
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr(f"{module}.py", text)
        archive.writestr(
            f"{package}-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
    return folder / name


def test_ours_come_before_the_images_where_they_are_newer_or_have_to_be_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [sys.path[0], str(tmp_path / "image"), *sys.path[1:]])
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    image = {"vx_older": "1.9", "vx_newer": "1.10.1", "vx_same": "2.0", "vx_exact": "3.1"}
    for name, version in image.items():
        with zipfile.ZipFile(wheel(tmp_path, f"{name}-{version}-py3-none-any.whl", name, "whose = 'image'")) as archive:
            archive.extractall(tmp_path / "image")
    sent = {"vx_older": "1.10", "vx_newer": "1.9.9", "vx_same": "2.0", "vx_exact": "3.0", "vx_absent": "1"}
    files = [wheel(tmp_path / "sent", f"{name}-{one}-py3-none-any.whl", name, "whose = 'ours'") for name, one in sent.items()]
    added = wheels.add(files, tmp_path / "packages", ours={"vx_exact"})
    assert added == ["vx_absent 1", "vx_exact 3.0", "vx_older 1.10"]
    whose = {name: importlib.import_module(name).whose for name in sent}
    assert whose == {"vx_older": "ours", "vx_newer": "image", "vx_same": "image", "vx_exact": "ours", "vx_absent": "ours"}
    assert importlib.metadata.version("vx_exact") == "3.0"
    assert wheels.lacking([path.name for path in files], ours={"vx_exact"}) == []


def test_a_wheel_for_another_python_is_refused_where_it_would_be_needed() -> None:
    minor = sys.version_info.minor
    assert wheels.lacking([f"vx_gone-1-cp3{minor}-cp3{minor}-any.whl", "vx_gone-1-cp310-abi3-any.whl"], ours=())
    with pytest.raises(EngineError, match=r"lacks vx_gone 1, which travels for another Python") as caught:
        wheels.lacking([f"vx_gone-1-cp3{minor - 1}-cp3{minor - 1}-any.whl"], ours=())
    assert caught.value.hint == "install vx_gone==1 in the image"
    assert wheels.lacking(["numpy-1.0-cp32-cp32-any.whl"], ours=()) == []
