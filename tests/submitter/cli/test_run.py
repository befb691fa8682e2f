"""One run from its template to its predictions, every screen on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cloud_nas.cli.main import main


class Journey:
    """A folder and a home of its own, shared by the tests of this file: the run is made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"CLOUD_NAS_HOME": str(folder / "home"), "CLOUD_NAS_NO_PROGRESS": "1", "NO_COLOR": "1"}

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        result = CliRunner(env=self.environment).invoke(main, list(arguments), prog_name="cloud-nas")
        return result.exit_code, result.stdout, result.stderr

    def json(self, *arguments: str) -> Any:
        status, out, err = self(*arguments, "--json")
        assert status == 0, err
        return json.loads(out)


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("journey")
        patch.chdir(folder)
        yield Journey(folder)


@pytest.fixture(scope="module")
def made(journey: Journey) -> tuple[str, str, str]:
    """The id of a run of the template, and what `init` and `run` said."""
    status, out, err = journey("init", "wine", "--template", "sklearn")
    assert status == 0
    assert out == "wine/model.py\nwine/spec.yaml\nwine/cloud-nas.schema.json\n"
    assert err == "hint: cloud-nas run wine/spec.yaml\n"
    status, out, err = journey("run", "wine/spec.yaml", "--max-trials", "3")
    assert status == 0, err
    return out.strip(), out, err


@pytest.fixture
def run_id(made: tuple[str, str, str]) -> str:
    return made[0]


def test_run(made: tuple[str, str, str]) -> None:
    run_id, out, err = made
    assert re.fullmatch(r"r-[0-9a-z]{5}\n", out)
    lines = err.splitlines()
    assert lines[0].startswith("searching kind, C")
    assert "3 trials" in lines[0] and "at most 5m 00s" in lines[0]
    trials = [
        line
        for line in lines
        if re.match(r"trial \d  val_log_loss \d\.\d{4}  best \d\.\d{4} \(trial \d\)  1 epoch  \d+\.\ds$", line)
    ]
    assert len(trials) == 3
    assert any(re.match(rf"run   {run_id}  succeeded  3 trials  ", line) for line in lines)
    assert any(line.startswith("best  trial ") for line in lines) and any(line.startswith("test  accuracy ") for line in lines)
    assert lines[-1] == f"hint: cloud-nas predict {run_id} DATA --out predictions.parquet"


def test_a_finished_run_is_printed_again(journey: Journey, run_id: str) -> None:
    status, out, err = journey("run", "wine/spec.yaml", "--max-trials", "3")
    assert (status, out.strip()) == (0, run_id)
    assert f"{run_id} is finished" in err and "trial 0  val" not in err
    again = journey.json("run", "wine/spec.yaml", "--max-trials", "3")
    assert again["schema"] == "cloud-nas/run@1"
    assert set(again) >= {"run_id", "target", "state", "spec_sha256", "best", "trials", "seconds", "model", "remote", "attempt"}
    assert (again["run_id"], again["target"], again["state"], again["remote"]) == (run_id, "local", "succeeded", None)
    assert again["trials"] == {"done": 3, "failed": 0, "pruned": 0, "total": 3}
    assert Path(again["model"]).is_absolute() and set(again["best"]) == {"trial", "value", "params"}
    assert journey("run", "-q", "wine/spec.yaml", "--max-trials", "3") == (0, f"{run_id}\n", "")


def test_status(journey: Journey, run_id: str) -> None:
    status, out, err = journey("status", run_id)
    header, row = (line.split("\t") for line in out.splitlines())
    assert (status, err) == (0, f"hint: cloud-nas evaluate {run_id} DATA\n")
    assert header == ["run", "name", "target", "state", "trials", "best", "time", "cost", "seen", "note"]
    assert row[:5] == [run_id, "wine", "local", "succeeded", "3/3"]
    (found,) = journey.json("status", run_id)["runs"]
    keys = {
        "run_id",
        "name",
        "target",
        "remote",
        "attempt",
        "state",
        "note",
        "reason",
        "seen_at",
        "source",
        "trials",
        "best",
        "cost",
        "rehearsed",
    }
    assert set(found) >= keys
    assert (found["source"], found["cost"], found["rehearsed"]) == ("cache", None, False)
    assert journey("status", run_id, "--exit-status")[0] == 0
    assert run_id in {line.split("\t")[0] for line in journey("status")[1].splitlines()}


def test_status_of_an_unknown_run(journey: Journey, run_id: str) -> None:
    status, out, err = journey("status", run_id[:-1] + ("2" if run_id[-1] != "2" else "3"))
    assert (status, out) == (5, "")
    assert err.endswith(f"hint: did you mean {run_id}?\n")


def test_trials(journey: Journey, run_id: str) -> None:
    status, out, err = journey("trials", run_id)
    assert (status, err) == (0, "")
    header, *rows = (line.split("\t") for line in out.splitlines())
    assert header == ["trial", "state", "value", "epochs", "time", "params", "reason"]
    assert [row[:2] for row in rows] == [["0", "done"], ["1", "done"], ["2", "done"]]
    assert all(row[5].startswith("kind=") for row in rows)
    found = journey.json("trials", run_id)
    assert found["schema"] == "cloud-nas/trials@1"
    assert set(found["trials"][0]) >= {"number", "state", "value", "params", "epochs", "seconds", "reason"}


def test_show(journey: Journey, run_id: str) -> None:
    status, out, _ = journey("show", run_id)
    rows = dict(line.split("\t", 1) for line in out.splitlines())
    assert status == 0
    assert (rows["run_id"], rows["state"]) == (run_id, "succeeded")
    assert "test.accuracy" in rows and "manifest.json" in rows["files"]
    assert journey.json("show", f"{run_id}/0")["number"] == 0
    assert journey("show", f"{run_id}/99")[0] == 5
    assert journey("show", f"{run_id}/x")[0] == 2


def test_evaluate(journey: Journey, run_id: str) -> None:
    status, out, err = journey("evaluate", run_id, "builtin:wine")
    assert (status, err.splitlines()[0]) == (0, "36 rows, part: test")
    assert out.splitlines()[0] == "metric\tvalue"
    found = journey.json("evaluate", run_id, "builtin:wine", "--part", "all")
    assert (found["schema"], found["n"], found["part"]) == ("cloud-nas/evaluate@1", 178, "all")
    assert 0.9 <= found["metrics"]["accuracy"] <= 1.0


def test_predict(journey: Journey, run_id: str) -> None:
    status, out, err = journey("predict", run_id, "builtin:wine", "--out", "predictions.csv")
    assert (status, out, err) == (0, "predictions.csv\n", "178 rows predicted\n")
    status, table, _ = journey("predict", run_id, "builtin:wine")
    header, *rows = table.splitlines()
    assert status == 0 and len(rows) == 178
    assert header.split("\t")[:2] == ["row_id", "prediction"]
    assert Path("predictions.csv").read_text().splitlines()[0].replace('"', "").split(",") == header.split("\t")
    status, out, err = journey("predict", run_id, "nowhere.csv")
    assert (status, out) == (5, "") or status == 2
    assert err.startswith("error: ")


def test_verify(journey: Journey, run_id: str) -> None:
    model = Path(journey.json("status", run_id)["runs"][0]["model"])
    status, out, err = journey("verify", str(model))
    assert (status, err) == (0, "")
    assert "model.skops\twhole" in out.splitlines()
    assert journey.json("verify", run_id)["ok"] is True
    copy = journey.folder / "copy"
    copy.mkdir()
    for file in model.rglob("*"):
        if file.is_file():
            (copy / file.relative_to(model)).parent.mkdir(parents=True, exist_ok=True)
            (copy / file.relative_to(model)).write_bytes(file.read_bytes())
    (copy / "model.skops").write_bytes(b"something else")
    status, out, err = journey("verify", "copy")
    assert status == 1
    assert "model.skops\tdifferent" in out.splitlines() and err.endswith("hint: get the model again, or train it again\n")
    assert journey("verify", "nowhere")[0] == 5


@pytest.mark.parametrize("arguments", [["--max-time", "soon"], ["--max-trials", "0"], ["--on", "moon"]])
def test_wrong_budgets(arguments: list[str], journey: Journey, run_id: str) -> None:
    status, out, err = journey("run", "wine/spec.yaml", *arguments)
    assert (status, out) == (2, "")
    assert "error" in err


def test_all_trials_fail(journey: Journey, run_id: str) -> None:
    broken = journey.folder / "broken"
    broken.mkdir()
    (broken / "spec.yaml").write_text((journey.folder / "wine" / "spec.yaml").read_text().replace("name: wine", "name: broken"))
    model = (journey.folder / "wine" / "model.py").read_text()
    (broken / "model.py").write_text(
        model.replace('hp.Float("C", 0.01, 100', '-hp.Float("C", 0.01, 100').replace(
            '["logistic", "forest", "neighbors"]', '["logistic"]'
        )
    )
    status, out, err = journey("run", "broken/spec.yaml", "--max-trials", "2")
    assert (status, out) == (1, "")
    assert "trial 0  failed: " in err and err.splitlines()[-1].startswith("hint: ")


def test_output_of_the_user_s_code_stays_off_stdout(journey: Journey, run_id: str) -> None:
    talks = journey.folder / "talks"
    talks.mkdir()
    (talks / "spec.yaml").write_text((journey.folder / "wine" / "spec.yaml").read_text())
    model = (
        (journey.folder / "wine" / "model.py")
        .read_text()
        .replace("    return model", '    print("hello from the builder")\n    return model')
    )
    (talks / "model.py").write_text(model)
    status, out, err = journey("run", "talks/spec.yaml", "--max-trials", "1", "--json")
    assert status == 0 and json.loads(out)["state"] == "succeeded"
    assert "hello from the builder" in err
