"""The page about a comparison, in a real browser."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cloud_nas.compare.comparison import compare
from cloud_nas.compare.diagnostics import count_disagreements, diagnose, disagreements
from cloud_nas.compare.entries import Entry, Facts, align
from cloud_nas.compare.report import ReportRun, page
from cloud_nas.compare.report.compared import ReportComparison
from cloud_nas.models.predictions import About, Predictions
from cloud_nas.states import Money

if TYPE_CHECKING:
    from .conftest import Browser

Show = Callable[..., ReportComparison]
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def _entry(name: str, labels: np.ndarray, chances: np.ndarray, facts: Facts) -> Entry:
    names = np.asarray(["cat", "dog", "<b>owl</b>"], dtype=object)
    about = About("image-classification", "ab" * 32, "m", "accuracy", "maximize", tuple(names))
    predicted = names[chances.argmax(axis=1)]
    return Entry(name, Predictions(about, np.arange(len(labels)), predicted, chances, names[labels]), facts=facts)


def _comparison(*, rows: bool = True, models: int = 4) -> ReportComparison:
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 3, 300)
    entries = []
    for number in range(models):
        scores = draw.normal(size=(300, 3))
        scores[np.arange(300), labels] += 2.0 - 0.4 * number
        chances = np.exp(scores)
        facts = Facts(1000 * (number + 1), 40_000, 2.5 + number, 5e4, 2, 12.5, Money(0.5 * number))
        name = "<script>alert(1)</script>" if number == 1 else f"model-{number}"
        entries.append(_entry(name, labels, chances / chances.sum(axis=1, keepdims=True), facts))
    aligned = align(entries)
    differ = disagreements(aligned) if rows else ()
    return ReportComparison(
        compare(entries, aligned, metrics=("accuracy", "log_loss")),
        {entry.name: diagnose(aligned, place) for place, entry in enumerate(entries)},
        aligned.classes or (),
        differ,
        count_disagreements(aligned),
        tuple(entry.name for entry in entries),
        {one.place: PIXEL for one in differ},
        {"model-0": (("dense", "Dense", "units 8", None),)},
    )


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Show:
    def make(*runs: ReportRun, width: int = 1280, dark: bool = False, **asked: object) -> ReportComparison:
        found = _comparison(**asked)  # type: ignore[arg-type]
        path = tmp_path / "comparison.html"
        path.write_text(page(runs, written_at="2026-11-24T10:00:00Z", version="0.1.0", comparison=found))
        browser.open(path, width=width, dark=dark)
        return found

    return make


def test_everything_is_drawn_and_the_console_stays_empty(browser: Browser, show: Show) -> None:
    found = show()
    headings = browser.run("[...document.querySelectorAll('h3')].map(one => one.textContent)")
    for wanted in ("Reliability", "ROC", "Precision and recall", "Quality and latency", "Quality and cost", "Confusion matrices"):
        assert wanted in headings
    assert browser.run("document.querySelectorAll('.plot').length") >= 10
    assert browser.run("[...document.querySelectorAll('.plot')].every(one => one.getBoundingClientRect().height > 50)") is True
    assert browser.run("[...document.querySelectorAll('img.thumb')].every(one => one.naturalWidth === 1)") is True
    assert browser.run("document.querySelectorAll('img.thumb').length") == len(found.disagreements) > 0
    assert browser.complaints == []


def test_nothing_is_asked_of_anyone_and_names_are_no_code(browser: Browser, show: Show) -> None:
    show()
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert browser.run("document.querySelectorAll('script').length") == 1
    assert browser.run("document.body.textContent.includes('<script>alert(1)</script>')") is True
    assert browser.run("document.querySelectorAll('b').length") == 0


def test_the_answer_stands_first(browser: Browser, show: Show) -> None:
    found = show()
    assert browser.run("document.querySelector('.verdict').textContent") == f"{found.comparison.verdict()[0]}."


def test_the_table_sorts_by_any_column(browser: Browser, show: Show) -> None:
    show()
    browser.run("[...document.querySelectorAll('.compared .trials thead th')].find(one => one.textContent === 'ms a row')"
                ".querySelector('button').click()")  # fmt: skip
    order = browser.run("[...document.querySelectorAll('.compared .trials tbody tr')].map(one => one.cells[1].textContent)")
    assert order == ["model-0", "<script>alert(1)</script>", "model-2", "model-3"]


def test_a_models_number_marks_it_in_the_plots(browser: Browser, show: Show) -> None:
    show()
    browser.run("document.querySelector('.compared .trials tbody th button').click()")
    assert browser.run("document.querySelectorAll('.compared svg .on').length") >= 3


def test_a_screen_reader_finds_names_for_everything(browser: Browser, show: Show, made_up: Callable[..., ReportRun]) -> None:
    show(made_up())
    ids = browser.run("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))
    assert browser.run("[...document.querySelectorAll('table')].every(table => table.caption?.textContent)") is True
    assert browser.run("[...document.querySelectorAll('th')].every(cell => cell.scope)") is True
    assert browser.run("[...document.querySelectorAll('img')].every(one => one.alt)") is True
    levels = browser.run("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1 and all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_itself_never_scrolls_sideways(browser: Browser, show: Show, width: int) -> None:
    show(width=width, dark=width == 320)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.complaints == []


def test_rows_are_shown_only_where_that_was_asked_for(browser: Browser, show: Show) -> None:
    show(rows=False)
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert "--rows" in browser.run("document.querySelector('#disagree + p').textContent")


def test_a_regression_has_a_page_too(browser: Browser, tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    labels = draw.normal(size=200)
    about = About("tabular-regression", "cd" * 32, "m", "rmse", "minimize")
    entries = [
        Entry(name, Predictions(about, np.arange(200), labels + draw.normal(scale=scale, size=200), None, labels))
        for name, scale in (("near", 0.2), ("far", 0.9))
    ]
    aligned = align(entries)
    found = ReportComparison(
        compare(entries, aligned), {entry.name: diagnose(aligned, place) for place, entry in enumerate(entries)}
    )
    assert found.comparison.winner == "near"
    path = tmp_path / "comparison.html"
    shown = dataclasses.replace(found, disagreements=disagreements(aligned), names=("near", "far"), differ=None)
    path.write_text(page([], written_at="2026-11-24T10:00:00Z", version="", comparison=shown))
    browser.open(path)
    assert browser.run("document.querySelectorAll('.plot').length") >= 3
    assert browser.complaints == []
