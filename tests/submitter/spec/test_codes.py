"""The table of codes: each explained, each used, each with an example that is what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cloud_nas import errors, spec
from cloud_nas.codes import CODES, FINDINGS, explain
from local_engine import errors as engine
from local_engine.training import inspection

PACKAGE = Path(errors.__file__).parent


@pytest.mark.parametrize("code", list(CODES))
def test_every_code_is_explained(code: str) -> None:
    text = explain(code)
    assert text.startswith(f"{code} (")
    assert max(map(len, text.splitlines())) <= 120
    one = CODES[code]
    assert bool(one.bad) == bool(one.good)
    assert one.bad != one.good or not one.bad


def test_codes_are_in_order_and_of_known_kinds() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(re.fullmatch(r"CN[1-7][0-9]{2}", code) for code in CODES)
    assert set(FINDINGS.values()) <= set(CODES)


def test_every_kind_of_finding_has_a_code() -> None:
    kinds = re.findall(r'Finding\(\s*"([a-z-]+)"', Path(inspection.__file__).read_text())
    assert set(FINDINGS) == set(kinds)


def test_every_code_in_the_source_is_in_the_table() -> None:
    used = {
        code
        for file in PACKAGE.rglob("*.py")
        if "codes" not in file.parts
        for code in re.findall(r'"(CN[0-9]{3})"', file.read_text())
    }
    assert used <= set(CODES)


@pytest.mark.parametrize("written", ["CN104", "cn104", " CN104 ", "104"])
def test_codes_may_be_written_short(written: str) -> None:
    assert explain(written) == explain("CN104")


def test_an_unknown_code_is_not_found() -> None:
    with pytest.raises(errors.NotFoundError, match="no code CN1O4") as raised:
        explain("CN1O4")
    assert raised.value.exit_status == 5
    assert "did you mean CN1" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (engine.DataError("m", hint="h", where="x.csv"), "CN210", 2),
        (engine.BuilderError("m", hint="h", where="m.py", line=3), "CN227", 2),
        (engine.FitAtImportError("m", hint="h", where="m.py:3", line=3), "CN226", 2),
        (engine.StrategyError("m", hint="h"), "CN130", 2),
        (engine.MissingDependencyError("m", hint="h"), "CN606", 2),
        (engine.StorageError("m", hint="h"), "CN607", 1),
        (engine.TrialError("m", hint="h"), "CN602", 1),
        (engine.EngineError("m", hint="h"), "CN602", 1),
    ],
)
def test_the_engines_errors_become_ours(error: engine.EngineError, code: str, status: int) -> None:
    ours = errors.from_engine(error)
    assert (ours.code, ours.exit_status, ours.hint, str(ours)) == (code, status, "h", "m")
    assert ours.where == {None: None, "x.csv": "x.csv", "m.py": "m.py:3", "m.py:3": "m.py:3"}[error.where]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = dict(re.findall(r"(\w+Error) +(\d+) ", errors.__doc__ or ""))
    real = {
        name: str(kind.exit_status)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.CloudNasError) and kind is not errors.CloudNasError
    }
    assert drawn == real


HEAD = {
    "task": "task: tabular-classification",
    "data": "data: {source: builtin:iris}",
    "space": "space: {model: model.py:build}",
}
NO_YAML = {"CN101", "CN102", "CN115", "CN117", "CN118", "CN210", "CN223"}
"""Codes whose examples are commands, configuration, Python, rows, or not to be written out."""


@pytest.mark.parametrize(
    "code", [code for code in CODES if "CN103" <= code <= "CN225" and CODES[code].bad and code not in NO_YAML]
)
def test_each_example_is_what_it_says(project: Path, code: str) -> None:
    """The bad one has the mistake, the good one has it not; what an example leaves out is filled in around it."""
    one = CODES[code]
    (project / "callbacks.py").write_text("class Mine: pass\n")
    (project / "mnist.npz").write_bytes((project / "divided.npz").read_bytes())
    for example, has in ((one.bad, True), (one.good, False)):
        given = {line.split(":")[0] for line in example.splitlines()}
        around = [] if code in ("CN106", "CN111") and has else [line for key, line in HEAD.items() if key not in given]
        path = project / "spec.yaml"
        path.write_text("\n".join([*around, example, ""]))
        found = {diagnostic.code for diagnostic in spec.read(path)[1]}
        assert (code in found) is has, (example, found)
