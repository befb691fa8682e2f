"""A finished run for all tests that only look at one, made once a session; and the screen that a command line shows."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from click.testing import CliRunner

from cloud_nas.cli.main import main
from local_engine.events import Event

if TYPE_CHECKING:
    from cloud_nas import RunResult
    from cloud_nas.rehearse.aws import StandIn
    from cloud_nas.rehearse.gcp import StandIn as GoogleStandIn

MODEL = """
import keras


def build(hp):
    model = keras.Sequential([
        keras.layers.Flatten(),
        keras.layers.Dense(hp.Choice("units", [8, 16, 32, 64]), activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

SPEC = """
name: digits
task: image-classification
data: {source: builtin:digits}
space: {model: model.py:build}
search: {strategy: random, seed: 3}
train: {epochs: 2, batch_size: 64}
budget: {trials: 2}
"""


def write_spec(folder: Path, *, model: str = MODEL, spec: str = SPEC, **replaced: str) -> Path:
    """A spec and its model in `folder`; `replaced` are lines of the spec by their key."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.py").write_text(model)
    lines = [line for line in spec.strip().splitlines() if line.partition(":")[0] not in replaced]
    lines += [f"{key}: {value}" for key, value in replaced.items()]
    (folder / "spec.yaml").write_text("\n".join(lines) + "\n")
    return folder / "spec.yaml"


@pytest.fixture
def make_spec(tmp_path: Path) -> Callable[..., Path]:
    """Writes a spec and its model into a folder of the test's own."""

    def make(folder: str = "project", **changes: Any) -> Path:
        return write_spec(tmp_path / folder, **changes)

    return make


@dataclass(frozen=True)
class Finished:
    """A finished run, the spec that it was made from, its home, and all that was said while it ran."""

    result: RunResult
    spec: Path
    home: Path
    events: tuple[Event, ...]


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The one run that tests share."""
    import cloud_nas as cn

    folder = tmp_path_factory.mktemp("finished")
    events: list[Event] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOUD_NAS_HOME", str(folder / "home"))
        spec = write_spec(folder / "project")
        result = cn.run(spec, observers=[events.append])
    return Finished(result, spec, folder / "home", tuple(events))


@pytest.fixture
def finished_run(finished_once: Finished, monkeypatch: pytest.MonkeyPatch) -> Finished:
    """The finished run, in the home that it was made in; not to be changed."""
    monkeypatch.setenv("CLOUD_NAS_HOME", str(finished_once.home))
    return finished_once


@pytest.fixture
def finished(finished_run: Finished) -> RunResult:
    """What `run` gave back of the finished run, in its home; not to be changed."""
    return finished_run.result


@pytest.fixture
def finished_copy(finished_once: Finished, home: Path) -> Finished:
    """The finished run in a home of the test's own, to be changed at will."""
    shutil.copytree(finished_once.home, home, dirs_exist_ok=True)
    return finished_once


@pytest.fixture
def artifact(finished: RunResult, tmp_path: Path) -> Path:
    """A copy of the finished run's model, to be changed at will."""
    assert finished.model is not None
    return Path(shutil.copytree(finished.model, tmp_path / "artifact"))


class Screen(NamedTuple):
    status: int
    stdout: str
    stderr: str


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Screen]:
    """Runs `cloud-nas ARGUMENT...` in this process and in an empty folder; gives what a user would see of it."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Screen:
        result = CliRunner().invoke(main, list(arguments), prog_name="cloud-nas")
        return Screen(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def make_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StandIn]]:
    """Starts AWS on loopback with the options of `StandIn`, and sends AWS's clients there; one for a test."""
    pytest.importorskip("moto")
    from cloud_nas.rehearse.aws import StandIn

    made: list[StandIn] = []
    with contextlib.ExitStack() as running:

        def make(**options: Any) -> StandIn:
            stand_in = running.enter_context(StandIn(tmp_path / "cloud", **options))
            made.append(stand_in)
            use_cloud(stand_in, monkeypatch)
            return stand_in

        yield make
    assert [defect for one in made for defect in one.defects] == []


@pytest.fixture
def cloud(make_cloud: Callable[..., StandIn]) -> StandIn:
    """AWS on loopback, with a bucket and a role; jobs follow a script, at times of a clock that the test moves."""
    return make_cloud(run_jobs=False)


def use_cloud(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sends AWS's clients to a stand-in, without the submitter's own limit of lists a second."""
    from cloud_nas.rehearse.aws.standin import UNSET

    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    for name, value in stand_in.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLOUD_NAS_AWS_RATE", "0")


@pytest.fixture
def make_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., GoogleStandIn]]:
    """Starts Google Cloud on loopback with the options of `StandIn`, and sends Google's clients there; one for a test."""
    pytest.importorskip("google.cloud.aiplatform_v1")
    from cloud_nas.rehearse.gcp import StandIn
    from cloud_nas.rehearse.gcp.standin import UNSET

    made: list[GoogleStandIn] = []
    with contextlib.ExitStack() as running:

        def make(**options: Any) -> GoogleStandIn:
            stand_in = running.enter_context(StandIn(tmp_path / "google", **options))
            made.append(stand_in)
            for name in UNSET:
                monkeypatch.delenv(name, raising=False)
            for name, value in stand_in.environment().items():
                monkeypatch.setenv(name, value)
            return stand_in

        yield make
    assert [defect for one in made for defect in one.defects] == []


@pytest.fixture
def google(make_google: Callable[..., GoogleStandIn]) -> GoogleStandIn:
    """Google Cloud on loopback, with a project and a bucket; jobs follow a script, at times of a clock that the test moves."""
    return make_google(run_jobs=False)
