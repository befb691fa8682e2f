"""`fetch`: a verified copy of a model, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.home import run_folder
from cloud_nas.runs import Registry
from local_engine.files import sha256_of

from .conftest import files_of_at_most


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_final_model_is_copied_and_scored_as_the_run_said(finished: cn.RunResult, screen: Any, tmp_path: Path) -> None:
    status, out, err = screen("fetch", finished.run_id, "--to", "models/digits", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert {"run_id", "dir", "files", "metrics", "runnable"} <= set(found)
    assert found["dir"] == str(tmp_path / "models" / "digits") and found["runnable"] is True
    assert found["metrics"] == pytest.approx(finished.test) and found["part"] == "test"
    for file in found["files"]:
        path = Path(found["dir"], file["path"])
        assert (sha256_of(path), path.stat().st_size) == (file["sha256"], file["bytes"])
    assert {"model.keras", "manifest.json", "predictions.parquet"} <= {file["path"] for file in found["files"]}
    checked = cn.verify(found["dir"])
    assert checked.ok and not checked.unlisted


def test_a_trials_model_goes_to_a_folder_of_its_name(finished: cn.RunResult, screen: Any, tmp_path: Path) -> None:
    assert finished.best is not None
    best, run_id = finished.best, finished.run_id
    status, out, err = screen("fetch", run_id, "--trial", str(best.trial))
    assert (status, out) == (0, f"{tmp_path}/{run_id}-{best.trial}\n")
    assert err.splitlines()[-1] == f"hint: cloud-nas evaluate {tmp_path}/{run_id}-{best.trial} DATA"
    again = cn.fetch(f"{run_id}/{best.trial}", to="elsewhere")
    assert (again.metrics, again.part) == ({"accuracy": best.value}, "validation")
    assert "checkpoint.npz" not in {file.path for file in again.files}
    with pytest.raises(cn.UsageError, match="is one trial, --trial 1 another"):
        cn.fetch(f"{run_id}/0", trial=1)


def test_a_model_that_is_there_already_is_left_as_it_is(finished: cn.RunResult, tmp_path: Path) -> None:
    (tmp_path / finished.run_id).mkdir()
    first = cn.fetch(finished.run_id)
    inode = (first.dir / "model.keras").stat().st_ino
    assert cn.fetch(finished.run_id) == first
    assert (first.dir / "model.keras").stat().st_ino == inode
    with (first.dir / "model.keras").open("ab") as file:
        file.write(b"x")
    with pytest.raises(cn.RefusedError, match=r"not its model\.keras"):
        cn.fetch(finished.run_id)


@pytest.mark.parametrize("kind", ["files", "a file", "a link", "another model"])
def test_a_place_that_holds_something_else_is_left_alone(finished: cn.RunResult, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "files":
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    elif kind == "a file":
        place.write_text("mine")
    elif kind == "a link":
        place.symlink_to(tmp_path / "nowhere")
    else:
        assert finished.best is not None
        cn.fetch(f"{finished.run_id}/{finished.best.trial}", to=place)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(cn.RefusedError) as error:
        cn.fetch(finished.run_id, to=place)
    assert error.value.exit_status == 9 and error.value.hint
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("damage", ["a flipped byte", "missing", "a link"])
def test_a_file_that_is_not_what_the_manifest_says_leaves_nothing(finished_copy: Any, tmp_path: Path, damage: str) -> None:
    run_id = finished_copy.result.run_id
    file = run_folder(run_id) / "model" / "predictions.parquet"
    content = file.read_bytes()
    file.unlink()
    if damage == "a flipped byte":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "a link":
        (tmp_path / "elsewhere").write_bytes(content)
        file.symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(cn.FailedError, match=r"predictions\.parquet is"):
        cn.fetch(run_id)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_disk_that_fills_up_leaves_nothing(finished: cn.RunResult, tmp_path: Path) -> None:
    with (
        Registry(),  # whose shared memory is a file that is there then
        files_of_at_most(5_000),
        pytest.raises(cn.RefusedError, match=r"new cannot be written: File too large") as error,
    ):
        cn.fetch(finished.run_id, to="new")
    assert error.value.exit_status == 9
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_said_with_the_way_out(finished: cn.RunResult) -> None:
    assert finished.best is not None
    with pytest.raises(cn.NotFoundError, match="is gone") as error:
        cn.fetch(finished.run_id, trial=1 - finished.best.trial)
    assert error.value.hint is not None and "final: {keep: all}" in error.value.hint
    with pytest.raises(cn.NotFoundError, match="no trial 9") as error:
        cn.fetch(finished.run_id, trial=9)
    assert error.value.hint == "it has trials 0 to 1"
    with pytest.raises(cn.NotFoundError, match="no run r-aaaaa"):
        cn.fetch("r-aaaaa")


def test_a_run_without_a_model_has_none_to_fetch(make_run: Any) -> None:
    make_run("r-aaaaa", "failed", without="model")
    with pytest.raises(cn.FailedError, match="has no model: it is failed"):
        cn.fetch("r-aaaaa")
