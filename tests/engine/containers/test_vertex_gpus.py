"""A machine's GPUs that the image's TensorFlow cannot use end the job at once, with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_engine.containers import gpu_check
from local_engine.errors import EngineError


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An `nvidia-smi` that lists a GPU, and nothing that could run on one."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0, GPU-1, NVIDIA L4, 23034, Disabled'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("counted", "fails"), [("print('GPUs: 0')", True), ("raise SystemExit(1)", True), ("print('GPUs: 1')", False)]
)
def test_a_gpu_that_tensorflow_cannot_use_is_told_of(
    card: None, counted: str, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_check, "_COUNTS", counted)
    if not fails:
        gpu_check.check()
        return
    with pytest.raises(EngineError, match=r"cannot use the machine's GPU \(NVIDIA L4\)") as caught:
        gpu_check.check()
    assert "templates/container" in str(caught.value.hint)


@pytest.mark.slow
def test_tensorflow_itself_is_asked(card: None) -> None:
    with pytest.raises(EngineError, match="NVIDIA L4"):
        gpu_check.check()


def test_a_machine_without_one_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setattr(gpu_check, "_COUNTS", "raise SystemExit(1)")
    gpu_check.check()
