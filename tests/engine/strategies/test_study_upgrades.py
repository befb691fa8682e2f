"""A study of an older schema: looked at, it stays as it is; before its first write a copy is kept. (The next one is made up.)"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from local_engine.errors import StorageError
from local_engine.space.flat import Space
from local_engine.study import Study, upgrades

SETTINGS = "SELECT value_json FROM study_system_attributes WHERE key = 'local_engine:study'"


def settings_of(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(json.loads(connection.execute(SETTINGS).fetchone()[0]))


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study with a trial, made before `trials` was counted in pairs."""
    path = tmp_path / "study.sqlite3"
    with Study(Space.from_choices({"a": [1, 2, 3, 4]}), strategy="random", seed=1, storage=path, trials=2) as study:
        study.tell(study.ask(), 0.25)  # type: ignore[arg-type]
    now = upgrades.SCHEMA
    monkeypatch.setattr(upgrades, "SCHEMA", now + 1)
    monkeypatch.setitem(upgrades.STEPS, now, lambda settings: {**settings, "trials": settings["trials"] * 2})
    return path


def copies(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if not one.name.endswith(("-wal", "-shm")))


def test_who_only_looks_sees_it_as_it_would_become_and_changes_nothing(older: Path) -> None:
    before = settings_of(older)
    with Study.open(older) as study:
        assert study.settings.trials == 4
        assert [one.value for one in study.trials] == [0.25]
    assert settings_of(older) == before
    assert copies(older) == ["study.sqlite3"]


@pytest.mark.parametrize("write", [lambda study: study.ask(), lambda study: study.limit(4)], ids=["ask", "limit"])
def test_the_first_write_keeps_a_copy_and_brings_it_up(older: Path, write: Any) -> None:
    before = settings_of(older)
    with Study.open(older) as study, Study.open(older) as other:
        write(study)
        other.ask()  # another process, which was not the first
        assert study.settings.trials == 4
    copy = f"study.sqlite3.schema-{before['schema']}"
    assert copies(older) == ["study.sqlite3", copy]
    assert settings_of(older.with_name(copy)) == before
    assert settings_of(older) == before | {"schema": upgrades.SCHEMA, "trials": 4}
    with closing(sqlite3.connect(older.with_name(copy))) as connection:
        assert connection.execute("SELECT count(*) FROM trials").fetchone() == (1,)


def test_a_copy_that_cannot_be_made_leaves_it_as_it_was(older: Path) -> None:
    before = settings_of(older)
    copy = older.with_name(f"study.sqlite3.schema-{before['schema']}")
    copy.mkdir()
    with Study.open(older) as study:
        with pytest.raises(StorageError, match="copied"):
            study.ask()
        assert settings_of(older) == before
        copy.rmdir()
        assert study.ask() is not None
    assert settings_of(older)["schema"] == upgrades.SCHEMA


def test_a_newer_one_is_refused(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrades, "SCHEMA", 1)
    with pytest.raises(StorageError, match="reads up to 1"):
        Study.open(older)
