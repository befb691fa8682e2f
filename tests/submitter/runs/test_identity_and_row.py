"""What makes two runs the same, and the row that is written while a search goes on."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.runs import Identity, Registry, RowObserver, RunRow
from cloud_nas.runs.identity import code_sha256
from cloud_nas.states import Best, TrialCounts
from local_engine.events import SearchStarted, TrialEnded, TrialStarted


def test_code_is_the_model_and_its_files_by_name_and_content(tmp_path: Path) -> None:
    one, other = tmp_path / "model.py", tmp_path / "layers.py"
    one.write_text("a = 1\n")
    other.write_text("b = 1\n")
    files = [("model.py", one), ("layers.py", other)]
    before = code_sha256("m", files)
    assert before == code_sha256("m", reversed(files)) != code_sha256("m", files[:1])
    assert code_sha256("n", files) != before
    other.write_text("b = 2\n")
    assert code_sha256("m", files) != before


def test_it_says_which_fact_differs() -> None:
    identity = Identity("s", "c", "d", "local")
    assert identity.differences(identity) == ()
    assert identity.differences(Identity("s", "x", "y", "local")) == ("code", "data")
    assert identity.sha256() != Identity("s", "x", "d", "local").sha256()


def test_the_row_follows_the_search(home: Path) -> None:
    row = RunRow("r-7k2xq", "n", "local", "running", "", Identity("", "", "", "local"), seconds=10.0)
    with Registry() as registry:
        registry.create(row)
        observe = RowObserver(registry, row, "minimize")
        observe(SearchStarted(4, 8, None, ("units",)))
        observe(TrialStarted(0, {"units": 1}, 2))
        observe(TrialEnded(0, "done", 0.5, {"units": 1}, 2, 0.1))
        observe(TrialEnded(1, "pruned", 0.7, {"units": 2}, 2, 0.1))
        observe(TrialEnded(2, "failed", None, {"units": 3}, 0, 0.1, "out of memory"))
        found = registry.get("r-7k2xq")
        assert found.trials == TrialCounts(1, 1, 1, 4)
        assert found.best == Best(0, 0.5, {"units": 1})
        assert found.seconds >= 10.0
        observe(TrialEnded(1, "done", 0.1, {"units": 2}, 4, 0.1))  # a promoted trial keeps its number
        found = registry.get("r-7k2xq")
        assert found.trials == TrialCounts(2, 1, 0, 4) and found.best == Best(1, 0.1, {"units": 2})
