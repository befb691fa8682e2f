"""The registry: rows come back as they went in, many may look while one writes, and a damaged file is said, not believed."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cloud_nas.errors import NotFoundError, RefusedError
from cloud_nas.runs import Identity, Registry, RunRow
from cloud_nas.states import Best, TrialCounts


def row(run_id: str = "r-7k2xq", **changes: object) -> RunRow:
    whole = RunRow(run_id, "digits", "local", "pending", "s" * 64, Identity("a", "b", "c", "local"), budget={"trials": 3})
    return dataclasses.replace(whole, **changes)  # type: ignore[arg-type]


def test_a_row_comes_back_as_it_went_in(home: Path) -> None:
    asked = row(trials=TrialCounts(1, 2, 3, 4), best=Best(2, 0.5, {"units": 16, "kind": "a", "on": True}), seconds=1.25)
    with Registry() as registry:
        registry.create(asked)
    with Registry() as registry:
        assert registry.get("r-7k2xq") == asked


def test_an_update_changes_that_row_only(home: Path) -> None:
    with Registry() as registry:
        registry.create(row())
        other = registry.create(row("r-aaaaa"))
        registry.update(row(state="succeeded", model="/m"))
        assert registry.get("r-7k2xq").state == "succeeded"
        assert registry.get("r-aaaaa") == other


def test_rows_are_found_by_name_and_identity_newest_first(home: Path) -> None:
    with Registry() as registry:
        registry.create(row("r-aaaaa"))
        registry.create(row("r-bbbbb", identity=Identity("a", "other", "c", "local")))
        registry.create(row("r-ccccc", name="other"))
        assert [one.run_id for one in registry.rows()] == ["r-ccccc", "r-bbbbb", "r-aaaaa"]
        assert [one.run_id for one in registry.rows(name="digits")] == ["r-bbbbb", "r-aaaaa"]
        assert [one.run_id for one in registry.rows(identity=row().identity.sha256())] == ["r-ccccc", "r-aaaaa"]


def test_an_unknown_run_is_named_with_a_similar_one(home: Path) -> None:
    with Registry() as registry:
        registry.create(row())
        with pytest.raises(NotFoundError) as error:
            registry.get("r-7k2xp")
    assert error.value.hint == "did you mean r-7k2xq?"


def test_ids_are_short_and_have_no_lookalikes(home: Path) -> None:
    with Registry() as registry:
        ids = {registry.mint() for _ in range(200)}
    assert len(ids) > 190
    assert all(len(one) == 7 and not set(one[2:]) & set("0o1il") for one in ids)


def test_a_taken_id_is_refused(home: Path) -> None:
    with Registry() as registry:
        registry.create(row())
        with pytest.raises(RefusedError):
            registry.create(row())


def test_only_its_owner_may_read_it(home: Path) -> None:
    before = os.umask(0)
    try:
        with Registry() as registry:
            registry.create(row())
            for file in home.glob("registry.sqlite3*"):
                assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_code_that_ran_here_is_remembered(home: Path) -> None:
    with Registry() as registry:
        assert not registry.trusts("a" * 64)
        registry.trust("a" * 64, "r-7k2xq")
        registry.trust("a" * 64, "r-other")
        assert registry.trusts("a" * 64)


def test_a_newer_registry_is_refused(home: Path) -> None:
    with Registry() as registry:
        registry.create(row())
    connection = sqlite3.connect(home / "registry.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(RefusedError, match="schema 99"):
        Registry()


def test_what_is_no_registry_is_said_with_a_way_out(home: Path) -> None:
    (home / "registry.sqlite3").write_bytes(b"not a database, whatever the name says" * 100)
    with pytest.raises(RefusedError, match="damaged") as error:
        Registry()
    assert "move" in (error.value.hint or "")


def _torn_copies(home: Path, folder: Path) -> list[Path]:
    """The registry with its write-ahead log cut at offsets all over its last transaction."""
    with Registry() as registry:
        registry.create(row())
        before = (home / "registry.sqlite3-wal").stat().st_size
        registry.create(row("r-aaaaa"))
        whole, log = (home / "registry.sqlite3").read_bytes(), (home / "registry.sqlite3-wal").read_bytes()
    copies = []
    for cut in range(before, len(log) + 1, 97):
        copy = folder / str(cut) / "registry.sqlite3"
        copy.parent.mkdir()
        copy.write_bytes(whole)
        copy.with_name("registry.sqlite3-wal").write_bytes(log[:cut])
        copies.append(copy)
    return copies


def test_a_torn_log_loses_at_most_the_last_row(home: Path, tmp_path: Path) -> None:
    copies = _torn_copies(home, tmp_path)
    assert len(copies) > 20
    for copy in copies:
        with Registry(copy) as registry:
            assert "r-7k2xq" in [one.run_id for one in registry.rows()]
            registry.create(row("r-bbbbb"))


LOOK = """
from cloud_nas.runs import Registry

for _ in range(30):
    with Registry() as registry:
        for one in registry.rows():
            assert one.trials.done == one.trials.total
"""


def test_many_look_while_one_writes(home: Path) -> None:
    with Registry() as registry:
        registry.create(row())
        readers = [subprocess.Popen([sys.executable, "-c", LOOK], stderr=subprocess.PIPE, text=True) for _ in range(4)]
        done = 0
        while any(reader.poll() is None for reader in readers):
            done += 1
            registry.update(row(state="running", trials=TrialCounts(done=done, total=done)))
    for reader in readers:
        _, said = reader.communicate()
        assert reader.returncode == 0, said
    assert done > 10


def test_many_may_make_it_at_once(home: Path) -> None:
    code = "from cloud_nas.runs import Registry; Registry().rows()"
    makers = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for maker in makers:
        _, said = maker.communicate()
        assert maker.returncode == 0, said
