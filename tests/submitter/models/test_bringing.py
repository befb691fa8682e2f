"""`fetch` of a run that ran elsewhere: brought home whole, verified, scored on the rows that stayed, or not at all."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

import cloud_nas as cn
import cloud_nas.targets as targets
from cloud_nas.home import run_folder
from cloud_nas.operations._contents import contents_of
from cloud_nas.runs import Identity, Registry, RunRow
from cloud_nas.states import Best, TrialCounts
from cloud_nas.targets.base import Submits, Target
from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.remote import Brought, Remote

RUN = "r-cccc2"


def packed(folder: Path, archive: Path, *, without: tuple[str, ...] = ()) -> Path:
    """A folder's files as a service packs them: at the archive's root, the folder itself with them."""
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, ".", filter=lambda member: None if member.name.removeprefix("./") in without else member)
    return archive


class Elsewhere(Target, Submits):
    """A place that has what the test put there."""

    name: ClassVar[str] = "elsewhere"
    leaves: ClassVar[Callable[[Path], Brought]]
    asked: ClassVar[int]

    def plan(self, job: Job) -> Plan:
        return Plan(self.name)

    def bring(self, remote: Remote, folder: Path, *, trial: int | None = None, note: Any = None) -> Brought:
        Elsewhere.asked += 1
        return Elsewhere.leaves(folder)

    settings = validate = submit = refresh = cancel = trials = logs = find = left = remove = None  # type: ignore[assignment]


@pytest.fixture
def elsewhere(finished_copy: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A finished run elsewhere, of the same search as the finished one here; the test says what it left."""
    module = types.ModuleType("elsewhere_place")
    module.Elsewhere = Elsewhere  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "elsewhere_place", module)
    monkeypatch.setitem(targets._OURS, "elsewhere", "elsewhere_place:Elsewhere")
    monkeypatch.chdir(tmp_path)
    Elsewhere.asked = 0
    with Registry() as registry:
        here = registry.get(finished_copy.result.run_id)
        identity = Identity(here.identity.spec, here.identity.code, here.identity.data, "elsewhere")
        registry.create(
            RunRow(
                RUN, "digits", "elsewhere", "succeeded", "sha", identity, trials=TrialCounts(2, 0, 0, 2), best=here.best,
                nonce="n", place={"region": "here"}, remote=f"{RUN}-1",
            )
        )  # fmt: skip
    folder = run_folder(RUN)
    folder.mkdir(parents=True)
    shutil.copy(run_folder(here.run_id) / "definition.json", folder)
    return finished_copy.result


def best_of(result: cn.RunResult) -> Path:
    assert isinstance(result.best, Best)
    return run_folder(result.run_id) / "trials" / str(result.best.trial)


def model_only(folder: Path) -> Callable[[Path], Brought]:
    def bring(to: Path) -> Brought:
        return Brought("artifact", 1, (packed(folder, to / "model.tar.gz"),))

    return bring


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_the_best_trial_comes_home_whole_and_is_scored_on_the_rows_that_stayed(elsewhere: cn.RunResult, screen: Any) -> None:
    Elsewhere.leaves = staticmethod(model_only(best_of(elsewhere)))
    status, out, err = screen("fetch", RUN, "--to", "mine", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "left out, as the manifest does not list them: checkpoint.npz\n")
    assert found["run_id"] == RUN and found["runnable"] is True and found["part"] == "test"
    assert found["metrics"] == pytest.approx(cn.evaluate("mine", "builtin:digits").metrics)
    assert cn.verify("mine").ok and cn.verify(RUN).ok and not cn.verify(RUN).unlisted
    assert cn.predict(RUN, "builtin:digits").n == 1797
    with Registry() as registry:
        assert registry.get(RUN).model == str(run_folder(RUN) / "model")
    again = cn.fetch(RUN, to="again")
    assert (again.metrics, Elsewhere.asked) == (found["metrics"], 1)
    contents = contents_of(run_folder(RUN), keep="nothing")
    assert contents.foreign == () and (run_folder(RUN) / "fetched.json") in contents.doomed


def test_an_engines_search_can_be_looked_at_as_one_from_here(elsewhere: cn.RunResult) -> None:
    run = run_folder(elsewhere.run_id)

    def bring(to: Path) -> Brought:
        (run / "trials" / "0" / "evil.sh").write_text("rm -rf /")
        packed(run, to / "output.tar.gz", without=("model", "trials/0/evil.txt"))
        return Brought("artifact", 1, (packed(run / "model", to / "model.tar.gz"), to / "output.tar.gz"))

    Elsewhere.leaves = staticmethod(bring)
    cn.fetch(RUN)
    from cloud_nas.operations.trials import trials_in

    assert trials_in(run_folder(RUN)) == trials_in(run)
    assert (run_folder(RUN) / "trials" / "0" / "curve.jsonl").is_file()
    assert not (run_folder(RUN) / "trials" / "0" / "evil.sh").exists()
    assert contents_of(run_folder(RUN), keep="nothing").foreign == ()


def test_a_study_that_would_do_something_when_it_is_read_is_refused(elsewhere: cn.RunResult, tmp_path: Path) -> None:
    import sqlite3

    run = run_folder(elsewhere.run_id)
    with sqlite3.connect(tmp_path / "study.sqlite3") as study:
        study.execute("CREATE TABLE a (b)")
        study.execute("CREATE VIEW trials AS SELECT load_extension('evil')")
    study.close()

    def bring(to: Path) -> Brought:
        with tarfile.open(to / "output.tar.gz", "w:gz") as tar:
            tar.add(tmp_path / "study.sqlite3", "study.sqlite3")
        return Brought("artifact", 1, (packed(run / "model", to / "model.tar.gz"), to / "output.tar.gz"))

    Elsewhere.leaves = staticmethod(bring)
    with pytest.raises(cn.RefusedError, match="'trials', which is no table"):
        cn.fetch(RUN)
    assert everything(run_folder(RUN)) == {"definition.json"}


@pytest.mark.parametrize("what", ["climbs", "flipped", "nothing of ours", "other data", "interrupted"])
def test_what_does_not_arrive_whole_leaves_nothing(elsewhere: cn.RunResult, tmp_path: Path, what: str) -> None:
    artifact = tmp_path / "artifact"
    shutil.copytree(best_of(elsewhere), artifact)
    if what == "flipped":
        content = (artifact / "model.keras").read_bytes()
        (artifact / "model.keras").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    if what == "other data":
        about = json.loads((artifact / "manifest.json").read_text())
        about["data"]["fingerprint"] = "f" * 64
        (artifact / "manifest.json").write_text(json.dumps(about))
    if what == "nothing of ours":
        (artifact / "manifest.json").unlink()

    def bring(to: Path) -> Brought:
        archive = packed(artifact, to / "model.tar.gz")
        if what == "climbs":
            with tarfile.open(archive, "w:gz") as tar:
                tar.add(artifact / "model.keras", "../../../evil")
        if what == "interrupted":
            raise KeyboardInterrupt
        return Brought("artifact", 1, (archive,))

    Elsewhere.leaves = staticmethod(bring)
    before = everything(tmp_path)
    expected = {"climbs": cn.RefusedError, "interrupted": KeyboardInterrupt}.get(what, cn.FailedError)
    with pytest.raises(expected):
        cn.fetch(RUN, to=tmp_path / "place")
    assert everything(run_folder(RUN)) == {"definition.json"} and everything(tmp_path) == before


def test_a_candidate_is_kept_with_its_table_and_said_to_run_elsewhere(elsewhere: cn.RunResult, screen: Any) -> None:
    table = ({"number": 0, "name": "a", "value": 0.9}, {"number": 1, "name": "b", "value": 0.8})

    def bring(to: Path) -> Brought:
        (to / "container-0.tar.gz").write_bytes(b"only its service opens it")
        return Brought("candidate", 0, (to / "container-0.tar.gz",), {"accuracy": 0.9}, table, "image")

    Elsewhere.leaves = staticmethod(bring)
    status, _, err = screen("fetch", RUN, "--to", "mine")
    assert status == 0 and "this model runs only at its service" in err and err.endswith(f"hint: cloud-nas evaluate {RUN} DATA\n")
    found = cn.fetch(RUN, to="mine").to_json()
    assert found["runnable"] is False and found["metrics"] == {"accuracy": 0.9} and found["candidates"] == list(table)
    assert {file["path"] for file in found["files"]} == {"container-0.tar.gz", "candidate.json"}
    assert Elsewhere.asked == 1
    Path("mine/container-0.tar.gz").write_bytes(b"changed")
    with pytest.raises(cn.RefusedError, match="holds something else"):
        cn.fetch(RUN, to="mine")
    with pytest.raises(cn.FailedError, match="runs only at its service"):
        cn.predict(RUN, "builtin:digits")
    assert contents_of(run_folder(RUN), keep="best").doomed == ()


def test_what_a_rehearsal_left_is_gone_unless_it_was_fetched(elsewhere: cn.RunResult) -> None:
    import dataclasses

    with Registry() as registry:
        registry.update(dataclasses.replace(registry.get(RUN), rehearsed=True))
    with pytest.raises(cn.NotFoundError, match="gone with the stand-in"):
        cn.fetch(RUN)
