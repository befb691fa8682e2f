"""Reading a spec needs none of the engine's heavy libraries, and knows the engine's metrics all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cloud_nas.spec import metrics

HEAVY = ("tensorflow", "keras", "optuna", "pandas", "numpy", "sklearn", "pyarrow", "torch", "scipy")


def test_reading_a_spec_imports_nothing_heavy(good: Path) -> None:
    code = (
        "import sys; from cloud_nas import spec; spec.definition_of(spec.load(sys.argv[1])); spec.schema(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(good)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_errors_and_codes_are_lighter_still() -> None:
    code = (
        "import sys, cloud_nas.errors, cloud_nas.codes; print([name for name in ('pydantic', 'ruamel') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_metrics_are_the_engines() -> None:
    from local_engine.training import scoring

    theirs = {name: (metric.goal, metric.tasks, metric.aliases) for name, metric in scoring.METRICS.items()}
    assert {name: (metric.goal, metric.tasks, metric.aliases) for name, metric in metrics.METRICS.items()} == theirs
