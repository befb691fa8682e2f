"""`cloud-nas report` and `cn.report`, on a real run."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn

if TYPE_CHECKING:
    from conftest import Browser

pytest.importorskip("jinja2")


def test_the_command_writes_a_page_with_the_run_in_it(finished_run: Any, screen: Callable[..., Any], tmp_path: Path) -> None:
    run = finished_run.result
    shown = screen("report", run.run_id, "--html", "pages/it.html")
    assert (shown.status, shown.stdout) == (0, f"{tmp_path / 'pages' / 'it.html'}\n"), shown.stderr
    text = unescape((tmp_path / "pages" / "it.html").read_text(encoding="utf-8"))
    for trial in run.trials:
        assert f'data-v="{trial.value}"' in text and f"units {trial.params['units']}" in text
    assert f"{run.test['accuracy']:.4f}" in text
    assert finished_run.spec.read_text().strip() in text  # the spec
    assert "tensorflow" in text  # the environment
    assert "needs 8 trials with a value, and there are 2" in text
    assert "accuracy by epoch, digits" in text and "loss of trial" in text


def test_the_page_of_a_real_run_is_quiet_in_a_browser(finished: cn.RunResult, browser: Browser, tmp_path: Path) -> None:
    cn.Run(finished.run_id).report(tmp_path / "it.html")
    browser.open(tmp_path / "it.html")
    plots = browser.run("[...document.querySelectorAll('svg[role=img] > title')].map(title => title.textContent)")
    best = finished.best.trial if finished.best else None
    metrics = [f"{name} of trial {best}, digits" for name in ("accuracy", "loss")]
    ends = ["accuracy by trial, digits", "accuracy by epoch, digits"], ["Hyperparameters and accuracy, digits"]
    assert plots == [*ends[0], *metrics, *ends[1]]
    assert browser.complaints == [] and browser.requests == [(tmp_path / "it.html").as_uri()]


def test_a_page_is_replaced_and_rows_change_nothing(finished: cn.RunResult, tmp_path: Path) -> None:
    path = tmp_path / "it.html"
    path.write_text("an older page")
    with_rows = cn.report(finished.run_id, html=path, rows=True)
    assert with_rows.path == path and with_rows.bytes == path.stat().st_size
    assert "an older page" not in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_that_has_not_begun_to_search_has_a_page(finished_copy: Any, home: Path, tmp_path: Path) -> None:
    folder = home / "runs" / finished_copy.result.run_id
    (folder / "study.sqlite3").unlink()
    cn.report([finished_copy.result.run_id] * 2, html=tmp_path / "it.html")
    text = (tmp_path / "it.html").read_text()
    assert "No trial has a value yet" in text and text.count("<section") == 1


def test_what_cannot_be_written_is_said(finished: cn.RunResult, screen: Callable[..., Any], tmp_path: Path) -> None:
    missing = screen("report", "r-00000", "--html", "it.html")
    assert missing.status == 5 and "r-00000" in missing.stderr
    folder = screen("report", finished.run_id, "--html", ".")
    assert folder.status == 2 and "is a folder" in folder.stderr
    (tmp_path / "file").touch()
    blocked = screen("report", finished.run_id, "--html", "file/it.html")
    assert blocked.status == 9 and "cannot write" in blocked.stderr
    assert screen("report", finished.run_id).status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
