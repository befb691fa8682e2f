"""Whatever a file holds, reading it ends in a spec or in diagnostics, never in a traceback."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cloud_nas import spec
from cloud_nas.spec import diagnostics

SLOW_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
MARKS = list("\\\"'&*!|>%@`{}[],:?-~<#. \t\n\r\x07\x85\u2028é中😀0129eExU")


def never_a_traceback(path: Path) -> None:
    loaded, found = spec.read(path)
    assert (loaded is None) == any(one.severity == "error" for one in found)
    assert all(one.line >= 1 and one.column >= 1 for one in found)
    diagnostics.render(found)
    diagnostics.to_github(found)
    if loaded is not None:
        assert spec.definition_of(loaded).sha256()
        assert loaded.sha256


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_FIXTURES)
@given(content=st.binary(max_size=200))
@example(content=b'"\\UFFFFFFFF"')
@example(content=b"? ? ? a")
@example(content=b"%YAML 9.9\n---\na: b")
@example(content=b"task: !!binary x")
@example(content=b"budget: {trials: " + b"9" * 5000 + b"}")
@example(content=b"train: {epochs: 1e400}")
def test_any_bytes(project: Path, content: bytes) -> None:
    (project / "spec.yaml").write_bytes(content)
    never_a_traceback(project / "spec.yaml")


@settings(max_examples=250, deadline=None, suppress_health_check=SLOW_FIXTURES)
@given(cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.text(st.sampled_from(MARKS), max_size=4)), max_size=4))
def test_a_good_spec_with_pieces_exchanged(good: Path, cuts: list[tuple[float, int, str]]) -> None:
    path = good.with_name("mutated.yaml")
    text = good.read_text()
    for where, length, new in cuts:
        start = int(where * len(text))
        text = text[:start] + new + text[start + length :]
    path.write_text(text, encoding="utf-8", newline="")
    never_a_traceback(path)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_FIXTURES)
@given(text=st.text(max_size=80))
def test_any_value_of_any_key_in_a_model_file_or_a_table(project: Path, text: str) -> None:
    (project / "odd.py").write_text(text, encoding="utf-8", errors="replace")
    (project / "odd.csv").write_text(text, encoding="utf-8", errors="replace")
    path = project / "spec.yaml"
    path.write_text("task: tabular-classification\ndata: {source: odd.csv, target: a}\nspace: {model: odd.py:build}\n")
    never_a_traceback(path)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_FIXTURES)
@given(text=st.text(max_size=60), profile=st.text(max_size=5))
def test_any_configuration(project: Path, text: str, profile: str) -> None:
    (project / "cloud-nas.toml").write_text(text, encoding="utf-8", errors="replace")
    path = project / "spec.yaml"
    path.write_text("task: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build}\n")
    loaded, found = spec.read(path, profile=profile)
    assert (loaded is None) == bool(found)
