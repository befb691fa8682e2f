"""The code's parcel: what is in it, what never is, and that its name is a function of its content."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_nas.errors import RefusedError, UsageError
from cloud_nas.package import wheels
from cloud_nas.package.code import Cargo, archive_of, pack
from cloud_nas.package.parcel import Parcel
from cloud_nas.package.user_files import collect
from local_engine.definition import Definition
from local_engine.space.flat import Space

from .conftest import cargo, written

ROOT = Path(__file__).resolve().parents[3]


def read(parcel: Parcel) -> dict[str, bytes]:
    with tarfile.open(parcel.folder / "sourcedir.tar.gz") as archive:
        return {one.name: archive.extractfile(one).read() for one in archive.getmembers()}  # type: ignore[union-attr]


def test_a_trial_gets_the_engine_the_users_code_and_what_to_search(project: Path) -> None:
    contents = read(pack(cargo(project)))
    ours = {name for name in contents if not name.startswith(("local_engine/", "user/"))}
    assert ours == {"train.py", "job.json", "definition.json", "space.json"}
    assert {name for name in contents if name.startswith("user/")} == {
        "user/model.py",
        "user/layers/__init__.py",
        "user/watch.py",
    }
    engine = {path.relative_to(ROOT).as_posix() for path in (ROOT / "local_engine").rglob("*.py")}
    assert {name for name in contents if name.startswith("local_engine/")} == engine
    assert json.loads(contents["job.json"]) == {
        "schema": 1,
        "kind": "trial",
        "max_runtime": 3600.0,
        "fingerprint": "f" * 64,
        "wheels": [],
    }
    assert Space.from_json(json.loads(contents["space.json"])).keys == ("units",)
    definition = Definition.from_json(json.loads(contents["definition.json"]))
    assert (definition.space.file, definition.code.root) == ("user/model.py", "user")
    assert [one.name for one in definition.train.callbacks] == ["user/watch.py:Watch", "TerminateOnNaN"]
    assert (definition.data.source, definition.data.split.test) == ("rows.csv", "rows.csv")


def test_the_engine_gets_no_space_and_what_the_image_lacks(project: Path) -> None:
    parcel = pack(cargo(project, kind="engine", requirements=("einops==0.8.0",)))
    contents = read(parcel)
    assert "space.json" not in contents
    assert contents["requirements.txt"] == b"einops==0.8.0\n"
    later = [one for one in parcel.files if one.wheel]
    assert json.loads(contents["job.json"])["wheels"] == [one.path.removeprefix("wheels/") for one in later]
    assert {str(one.wheel).partition("==")[0] for one in later} == set(wheels.lock()["needs"]["optuna"])
    assert not (parcel.folder / "wheels").exists(), "they come when the parcel is sent"


def test_skops_travels_where_the_code_has_to_do_with_estimators(project: Path) -> None:
    (project / "layers" / "__init__.py").write_text("from sklearn.svm import SVC\n")
    assert any(str(one.wheel).startswith("skops==") for one in pack(cargo(project)).files)


def test_for_vertex_it_has_another_script_and_the_hashes_of_what_the_public_image_lacks(project: Path) -> None:
    parcel = pack(dataclasses.replace(cargo(project, kind="engine"), container="vertex"))
    contents = read(parcel)
    assert contents["train.py"] == b"from local_engine.containers.vertex import main\n\nmain()\n"
    later = {one.path.removeprefix("wheels/"): one.sha256 for one in parcel.files if one.wheel}
    assert json.loads(contents["job.json"])["hashes"] == later
    names = {str(one.wheel).partition("==")[0] for one in parcel.files if one.wheel}
    assert names == {name for need in ("keras", "pandas", "optuna") for name in wheels.lock("vertex")["needs"][need]}
    pictures = dataclasses.replace(cargo(project).definition, task="image-classification")
    parcel = pack(dataclasses.replace(cargo(project), definition=pictures, container="vertex"))
    assert [one.wheel for one in parcel.files if one.wheel] == [f"keras=={wheels.lock('vertex')['wheels']['keras']['version']}"]
    (project / "layers" / "__init__.py").write_text("from sklearn.svm import SVC\n")
    names = {str(one.wheel).partition("==")[0] for one in pack(dataclasses.replace(cargo(project), container="vertex")).files}
    assert {"skops", "scikit-learn", "scipy"} <= names


def test_a_rehearsal_takes_no_wheels(project: Path) -> None:
    parcel = pack(dataclasses.replace(cargo(project, kind="engine"), with_wheels=False))
    assert [one.path for one in parcel.files] == ["sourcedir.tar.gz"]
    assert json.loads(read(parcel)["job.json"])["wheels"] == []


def test_nothing_in_it_names_this_machine(project: Path) -> None:
    text = (pack(cargo(project)).folder / "sourcedir.tar.gz").read_bytes()
    assert b"a-private-name" not in text and str(project).encode() not in text


def test_the_same_code_has_the_same_name_from_anywhere(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pack(cargo(project))
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "another-home"))
    second = pack(cargo(written(tmp_path / "elsewhere")))
    assert (first.sha256, first.files) == (second.sha256, second.files)
    assert (first.folder / "sourcedir.tar.gz").read_bytes() == (second.folder / "sourcedir.tar.gz").read_bytes()


@pytest.mark.parametrize("name", ["model.py", "layers/__init__.py", "watch.py"])
def test_another_byte_in_a_file_is_another_parcel(project: Path, name: str) -> None:
    before = pack(cargo(project))
    with (project / name).open("a") as file:
        file.write("\n")
    after = pack(cargo(project))
    assert before.sha256 != after.sha256 and before.folder != after.folder


@pytest.mark.parametrize(
    "change",
    [
        lambda one: dataclasses.replace(one, max_runtime=60.0),
        lambda one: dataclasses.replace(one, fingerprint="0" * 64),
        lambda one: dataclasses.replace(one, space=Space.from_choices({"units": [16]})),
        lambda one: dataclasses.replace(one, definition=dataclasses.replace(one.definition, task="tabular-regression")),
    ],
)
def test_another_search_is_another_parcel(project: Path, change: Callable[[Cargo], Cargo]) -> None:
    assert pack(cargo(project)).sha256 != pack(change(cargo(project))).sha256


def test_it_is_made_once_and_again_where_it_was_damaged(project: Path) -> None:
    parcel = pack(cargo(project))
    made = parcel.folder / "sourcedir.tar.gz"
    before = made.stat().st_mtime_ns
    assert pack(cargo(project)) == parcel and made.stat().st_mtime_ns == before
    whole = made.read_bytes()
    made.write_bytes(whole[:1000])
    assert pack(cargo(project)) == parcel and made.read_bytes() == whole
    shutil.rmtree(parcel.folder)
    assert pack(cargo(project)) == parcel and made.read_bytes() == whole


@pytest.mark.parametrize("name", [".env", ".env.local", "prod.env", ".netrc", "id_rsa", "server.key", "credentials.json"])
def test_files_that_hold_secrets_do_not_travel(project: Path, name: str) -> None:
    (project / name).write_text("A=1\n")
    with pytest.raises(RefusedError, match=f"^{name} is among the code that travels") as raised:
        cargo(project, include=(name,))
    assert raised.value.code == "CN240" and "include" in (raised.value.hint or "")


def test_key_like_text_does_not_travel_and_is_not_repeated(project: Path) -> None:
    key = "AKIA" + "Z7" * 8
    (project / "watch.py").write_text(f"class Watch:\n    key = '{key}'\n")
    with pytest.raises(RefusedError, match="line 2 looks like an AWS access key") as raised:
        cargo(project)
    assert key not in str(raised.value) + str(raised.value.hint)


def test_an_example_of_an_environment_travels(project: Path) -> None:
    (project / ".env.example").write_text("A=\n")
    assert "user/.env.example" in archive_of(cargo(project, include=(".env.example",)), ())


def test_files_from_outside_come_to_the_top_unless_two_have_one_name(project: Path, tmp_path: Path) -> None:
    (tmp_path / "util.py").write_text("a = 1\n")
    (tmp_path / "watch.py").write_text("b = 1\n")
    files = collect([(project / "watch.py", None), (tmp_path / "util.py", None)], [project])
    assert list(files.contents) == ["util.py", "watch.py"]
    with pytest.raises(UsageError, match=r"two files would travel as watch\.py") as raised:
        collect([(project / "watch.py", None), (tmp_path / "watch.py", None)], [project])
    assert raised.value.code == "CN241"
