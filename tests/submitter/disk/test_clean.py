"""`clean`: shows what runs take, asks, and deletes what is ours and nothing else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.files import in_words, size_of
from cloud_nas.home import run_folder, runs_folder
from cloud_nas.operations._contents import contents_of
from cloud_nas.operations.clean import carry_out, look
from cloud_nas.package.cache import made
from cloud_nas.runs import writing
from local_engine.files import write_bytes

from .conftest import FILES, LEAN, files_of_at_most, names

ROOT = Path(__file__).resolve().parents[3]


def test_runs_that_ended_go_with_their_rows(make_run: Any, screen: Any) -> None:
    for run_id, state in (("r-aaaaa", "succeeded"), ("r-bbbbb", "failed"), ("r-ccccc", "cancelled")):
        make_run(run_id, state)
    status, out, err = screen("clean", "--yes", "--json")
    found = json.loads(out)
    assert (status, found["schema"], found["deleted"]) == (0, "cloud-nas/clean@1", True)
    assert {(run["run_id"], run["state"], run["bytes"], run["files"]) for run in found["runs"]} == {
        (run_id, state, sum(FILES.values()), len(FILES))
        for run_id, state in (("r-aaaaa", "succeeded"), ("r-bbbbb", "failed"), ("r-ccccc", "cancelled"))
    }
    assert found["bytes"] == 3 * sum(FILES.values()) and err == f"{in_words(found['bytes'])} deleted\n"
    assert list(runs_folder().iterdir()) == [] and cn.status() == []
    assert screen("clean", "--yes")[2] == "nothing to delete\n"


def test_what_is_cached_for_jobs_in_a_cloud_goes_too_and_not_with_a_run_that_is_named(make_run: Any, screen: Any) -> None:
    make_run("r-aaaaa")
    parcel = made("rows", "0" * 64, lambda folder: write_bytes(folder / "rows.npy", b"x" * 1000))
    wheel = parcel.folder.parents[1] / "wheels" / "a-1.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"x")
    found = json.loads(screen("clean", "r-aaaaa", "--yes", "--json")[1])
    assert (found["cache"], parcel.folder.is_dir()) == ([], True)
    _, out, err = screen("clean", "--yes", "--json")
    found = json.loads(out)
    assert [(one["kind"], one["path"]) for one in found["cache"]] == [("rows", str(parcel.folder)), ("wheels", str(wheel))]
    assert found["bytes"] == sum(one["bytes"] for one in found["cache"]) > 1001 and err.endswith(" deleted\n")
    assert not parcel.folder.exists() and not wheel.exists() and screen("clean", "--yes")[2] == "nothing to delete\n"


def test_without_a_terminal_and_a_yes_nothing_is_deleted(make_run: Any, screen: Any) -> None:
    folder = make_run("r-aaaaa")
    status, out, err = screen("clean")
    assert status == 2 and out.splitlines()[1].split("\t")[:4] == ["r-aaaaa", "name of r-aaaaa", "succeeded", str(len(FILES))]
    assert err.splitlines() == [
        "error: nothing was deleted: there is no terminal to ask at",
        "hint: --yes deletes without asking",
    ]
    assert names(folder) == set(FILES) and len(cn.status()) == 1
    status, out, _ = screen("clean", "--json")
    assert status == 2 and json.loads(out)["deleted"] is False and names(folder) == set(FILES)


@pytest.mark.parametrize(("answer", "left"), [("n", 1), ("y", 0)])
def test_at_a_terminal_it_asks(make_run: Any, answer: str, left: int) -> None:
    make_run("r-aaaaa")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cloud_nas", "clean"]
    with subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        os.write(ours, f"{answer}\n".encode())
        _, err = process.communicate(timeout=60)
    for end in (ours, theirs):
        os.close(end)
    assert process.returncode == 0
    assert f"delete 1 run, {in_words(sum(FILES.values()))}? [y/N]: " in err
    assert len(cn.status()) == left == len(list(runs_folder().iterdir()))


def test_what_is_not_ours_stays_and_is_named(make_run: Any, screen: Any, tmp_path: Path) -> None:
    folder = make_run("r-aaaaa")
    (tmp_path / "valuable").mkdir()
    (tmp_path / "valuable" / "data.csv").write_text("1,2,3")
    mine = ["notes.txt", "trials/1/plot.png", "model/extra/weights.h5", "trials/best/model.keras"]
    for name in mine:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")
    (folder / "trials" / "0" / "code").symlink_to(tmp_path / "valuable")
    (folder / "trials" / "0" / "model.keras").symlink_to(tmp_path / "valuable" / "data.csv")
    links = ["trials/0/code", "trials/0/model.keras"]
    status, _, err = screen("clean", "r-aaaaa", "--yes")
    assert status == 0
    assert names(folder) == {*mine, *links}
    for name in ("notes.txt", "trials/1/plot.png", "model/extra", "trials/best", *links):
        assert f"not ours, stays: {folder / name}\n" in err
    assert (tmp_path / "valuable" / "data.csv").read_text() == "1,2,3"
    (row,) = cn.status()
    assert row.model is None and row.note == "cleaned; what is left in its folder is not ours"


def test_a_folder_that_is_a_link_is_left_alone(make_run: Any, screen: Any, tmp_path: Path) -> None:
    folder = make_run("r-aaaaa")
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    status, _, err = screen("clean", "r-aaaaa", "--yes")
    assert status == 9 and "is a link, which is not ours" in err
    assert screen("clean", "--yes")[2] == "links, which are not ours: r-aaaaa\nnothing to delete\n"
    assert names(tmp_path / "moved") == set(FILES) and len(cn.status()) == 1


def test_a_run_at_work_is_never_touched(make_run: Any, screen: Any) -> None:
    at_work, unknown, ended = make_run("r-aaaaa", "running"), make_run("r-bbbbb", None), make_run("r-ccccc")
    with writing(at_work), writing(unknown):
        status, _, err = screen("clean", "r-ccccc", "r-aaaaa", "--yes")
        assert status == 9 and err.startswith("error: r-aaaaa is at work: process")
        assert screen("clean", "r-bbbbb", "--yes").status == 9
        assert ended.is_dir()
        status, _, err = screen("clean", "--yes")
        assert status == 0 and "at work, and left alone: r-aaaaa" in err
    assert names(at_work) == set(FILES) == names(unknown) and not ended.exists()


def test_a_run_that_another_process_takes_up_meanwhile_is_left(make_run: Any) -> None:
    import fcntl

    folder = make_run("r-aaaaa")
    found = look()
    with (folder / "workers.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(cn.RefusedError, match="is being written"):
            carry_out(found)
    assert names(folder) == set(FILES) and len(cn.status()) == 1


def test_a_run_that_can_go_on_has_to_be_named(make_run: Any, screen: Any) -> None:
    folder = make_run("r-aaaaa", "running")  # and nobody works at it
    status, _, err = screen("clean", "--yes")
    assert status == 0 and folder.is_dir()
    assert err == "can go on, and left alone unless named: r-aaaaa\nnothing to delete\n"
    assert screen("clean", "--yes", "r-aaaaa").status == 0 and not folder.exists() and cn.status() == []


def test_folders_without_a_row_rows_without_a_folder_and_crash_files_go_too(make_run: Any, screen: Any, home: Path) -> None:
    unknown, gone = make_run("r-aaaaa", None), make_run("r-bbbbb", without="")
    assert not gone.exists()
    crash, ours = home / "crash-20260101T000000Z-12.txt", [home / "crash-notes.txt", runs_folder() / "mine"]
    crash.write_text("a traceback")
    ours[0].write_text("mine")
    ours[1].mkdir()
    found = json.loads(screen("clean", "--yes", "--json").stdout)
    assert [(run["run_id"], run["state"], run["bytes"]) for run in found["runs"]] == [
        ("r-bbbbb", "succeeded", 0),
        ("r-aaaaa", None, sum(FILES.values())),
    ]
    assert found["crashes"] == [{"path": str(crash), "bytes": 11}]
    assert not unknown.exists() and not crash.exists() and cn.status() == []
    assert all(path.exists() for path in ours)


@pytest.mark.parametrize("name", ["r-zzzzz", "../registry.sqlite3", "../../etc", ".", "mine"])
def test_what_is_no_run_is_not_found(make_run: Any, screen: Any, name: str) -> None:
    folder = make_run("r-aaaaa")
    (runs_folder() / "mine").mkdir()
    assert screen("clean", "--yes", name).status == 5
    assert names(folder) == set(FILES)


def test_keeping_the_best_leaves_model_study_and_curves(make_run: Any, screen: Any) -> None:
    folder = make_run("r-aaaaa")
    assert screen("clean", "--keep-best", "--yes").status == 0
    assert names(folder) == LEAN and len(cn.status()) == 1
    assert screen("clean", "--keep-best", "--yes")[2] == "nothing to delete\n"


def test_keeping_the_best_of_a_run_without_a_final_model_keeps_the_best_trial(make_run: Any, screen: Any) -> None:
    folder = make_run("r-aaaaa", "failed", without="model")
    assert screen("clean", "--keep-best", "--yes", "r-aaaaa").status == 0
    kept = {name for name in FILES if name.startswith("trials/1/")}
    assert names(folder) == {name for name in LEAN if not name.startswith("model")} | kept


def test_nothing_that_a_run_leaves_is_unknown(finished: cn.RunResult) -> None:
    folder = run_folder(finished.run_id)
    found = contents_of(folder, keep="nothing")
    assert found.foreign == () and {path.relative_to(folder).as_posix() for path in found.doomed} == names(folder)
    assert found.bytes == size_of(folder)


def test_a_run_of_which_the_best_was_kept_is_used_and_goes_on(finished_copy: Any, screen: Any) -> None:
    run_id, test = finished_copy.result.run_id, finished_copy.result.test
    before = cn.trials(run_id)
    assert screen("clean", "--keep-best", "--yes").status == 0
    assert cn.trials(run_id) == before and cn.verify(run_id).ok
    shown = cn.show(run_id).to_json()
    assert shown["test"] == test
    assert cn.run(finished_copy.spec).reused
    larger = cn.run(finished_copy.spec, max_trials=3)
    assert (larger.run_id, larger.trials.done, larger.reused) == (run_id, 3, False)


def test_it_works_on_a_disk_that_is_full(make_run: Any, screen: Any, home: Path) -> None:
    folder = make_run("r-aaaaa")
    assert not list(home.glob("registry.sqlite3-*"))
    with files_of_at_most(20_000):  # SQLite's shared memory takes 32 kB
        with pytest.raises(cn.RefusedError):
            cn.status()
        assert screen("clean", "--yes").status == 0
    assert not folder.exists() and cn.status() == []


def test_sizes_are_said_in_words() -> None:
    said = {0: "0 B", 999: "999 B", 1000: "1.0 kB", 99_949: "99.9 kB", 99_951: "100 kB", 999_600: "1.0 MB", 12_345_678: "12.3 MB"}
    assert {size: in_words(size) for size in said} == said
    assert in_words(4_000_000_000_000_000) == "4000 TB"
