"""The program that a container of Vertex AI begins with: what it takes for our package, and what it starts it with."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from local_engine.containers import bootstrap

from .vertex_container import BOOTSTRAP, BUCKET, start

SHOWS = "import json, os, sys\nprint(json.dumps([sys.argv, os.getcwd(), os.environ.get('LD_LIBRARY_PATH')]))\n"


def sent(root: Path, *members: tuple[str, Any]) -> dict[str, str]:
    """A package of these files in the bucket, and the variables that name it."""
    folder = root / BUCKET / "code"
    folder.mkdir(parents=True)
    with tarfile.open(folder / "sourcedir.tar.gz", "w:gz") as archive:
        for name, content in members:
            about = tarfile.TarInfo(name)
            if isinstance(content, str):
                about.size = len(content)
            else:
                about.type, about.linkname = content
            archive.addfile(about, io.BytesIO(content.encode()) if isinstance(content, str) else None)
    home = root / "home"
    home.mkdir()
    return {
        "PATH": str(Path(sys.executable).parent),
        "HOME": str(home),
        "TMPDIR": str(home),
        "CLOUD_NAS_GCS_ROOT": str(root),
        "CLOUD_NAS_CODE": f"gs://{BUCKET}/code/",
        "CLOUD_NAS_CODE_SHA256": hashlib.sha256((folder / "sourcedir.tar.gz").read_bytes()).hexdigest(),
        "AIP_MODEL_DIR": f"gs://{BUCKET}/own/model/",
    }


def test_it_is_small_and_needs_pythons_own_library_alone() -> None:
    assert len(BOOTSTRAP) < 10_000
    names = {line.split()[1].split(".")[0] for line in BOOTSTRAP.splitlines() if line.startswith(("import ", "from "))}
    assert names <= {*sys.stdlib_module_names}


def test_it_becomes_the_packages_script_with_the_tuners_arguments(tmp_path: Path) -> None:
    variables = sent(tmp_path, ("train.py", SHOWS), ("local_engine/deep/a.py", ""))
    user = tmp_path / "user" / f"lib/python3.{sys.version_info.minor}/site-packages/nvidia"
    for name in ("cusolver", "cublas"):
        (user / name / "lib").mkdir(parents=True)
    variables |= {"PYTHONUSERBASE": str(tmp_path / "user"), "LD_LIBRARY_PATH": "/known"}
    said, _ = start(tmp_path / "home", variables, "--rate=0.1", "--name", "a b").communicate(timeout=60)
    arguments, folder, libraries = json.loads(said)
    assert arguments == ["train.py", "--rate=0.1", "--name", "a b"]
    assert Path(folder).parent.parent == tmp_path / "home" and (Path(folder) / "local_engine/deep/a.py").exists()
    assert [path for path in libraries.split(":") if str(user) in path] == [f"{user}/cublas/lib", f"{user}/cusolver/lib"]
    assert libraries.endswith(":/known")


@pytest.mark.parametrize(
    "member",
    [("../evil.py", "x"), ("/evil.py", "x"), ("link", (tarfile.SYMTYPE, "/etc/passwd")), ("hard", (tarfile.LNKTYPE, "train.py"))],
    ids=["above", "absolute", "symbolic link", "hard link"],
)
def test_it_unpacks_files_inside_its_folder_alone(tmp_path: Path, member: tuple[str, Any]) -> None:
    variables = sent(tmp_path, ("train.py", SHOWS), member)
    job = start(tmp_path / "home", variables)
    assert "which is no file inside it" in job.communicate(timeout=60)[0] and job.returncode == 1
    assert (tmp_path / BUCKET / "own" / "failure.txt").read_text().startswith(f"cloud-nas: the package has '{member[0]}'")
    assert not list(tmp_path.rglob("evil.py"))


def test_packages_that_the_spec_asks_for_are_installed_first(tmp_path: Path) -> None:
    variables = sent(tmp_path, ("train.py", SHOWS), ("requirements.txt", "cn-absent==1.0\n"))
    job = start(tmp_path / "home", {**variables, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"})
    said, _ = job.communicate(timeout=60)
    assert job.returncode == 1 and "installing what code.requirements names" in said
    assert "pip could not install" in (tmp_path / BUCKET / "own" / "failure.txt").read_text()


def test_addresses_are_those_of_the_storage_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    assert (
        bootstrap.address("gs://b/a b/ü", "alt=media")
        == "https://storage.googleapis.com/storage/v1/b/b/o/a%20b%2F%C3%BC?alt=media"
    )
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "localhost:1")
    assert bootstrap.address("gs://b/x", "q=1", upload=True) == "http://localhost:1/upload/storage/v1/b/b/o?q=1"
