"""The benchmarks of `compare`, small: a run here, rehearsed ones at two clouds, and a file from elsewhere; and a million rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "breast_cancer"])
def test_models_of_four_places_are_compared_on_the_same_rows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sagemaker_training")
    pytest.importorskip("google.cloud.aiplatform_v1")
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.compare import REHEARSED, compare

    told = compare(name, tmp_path, tmp_path / "pages", trials=2)
    models = told["models"]
    assert {model["target"] for model in models} == {"local", *REHEARSED, None}  # type: ignore[attr-defined]
    assert told["n"] == {"digits": 180, "breast_cancer": 57}[name]
    assert len(told["tests"]) == 6  # type: ignore[arg-type]
    page = (tmp_path / "pages" / f"{name}.html").read_text()
    assert all(str(model["name"]) in page for model in models)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_million_rows_of_five_models_take_less_than_a_minute_and_two_gigabytes() -> None:
    script = "from benchmarks.compare_large import measure; print(*measure())"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    seconds, memory = map(float, told.split())
    print(f"{seconds:.1f} s, {memory:.2f} GiB")
    assert seconds < 60 and memory < 2e9 / 2**30
