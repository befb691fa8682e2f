"""The page in a browser: it works without a network, can be read and used by keyboard, and nothing on it is taken for code."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.compare.report import Hyperparameter, Importance, ReportRun, ReportTrial, page

if TYPE_CHECKING:
    from conftest import Browser

Open = Callable[..., Path]
MakeUp = Callable[..., ReportRun]

COLUMN = "[...document.querySelectorAll('.trials tbody tr')].map(row => row.cells[%d].textContent)"
PRESS = "[...document.querySelectorAll('.trials thead th')][%d].querySelector('button').click()"
SORTED = "document.querySelectorAll('.trials thead th')[%d].getAttribute('aria-sort')"


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Open:
    """Writes a page and opens it."""

    def write(*runs: ReportRun, **how: Any) -> Path:
        path = tmp_path / "report.html"
        path.write_text(page(runs, written_at="2026-01-02T03:04:05Z", version="1.2.3"), encoding="utf-8")
        browser.open(path, **how)
        return path

    return write


def test_the_page_shows_everything_and_the_console_stays_empty(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    run = made_up()
    opened(run)
    drawn = browser.run("[...document.querySelectorAll('svg[role=img] > title')].map(title => title.textContent)")
    assert drawn == [
        "accuracy by trial, made-up",
        "accuracy by epoch, made-up",
        "loss of trial 3, made-up",
        "Importance of the hyperparameters, made-up",
        "Hyperparameters and accuracy, made-up",
    ]
    valued = [trial for trial in run.trials if trial.value is not None]
    assert browser.run("document.querySelectorAll('figure .mark[data-t]').length") == len(run.trials)
    assert browser.run("document.querySelectorAll('.curve[data-t]').length") == len(valued)
    assert browser.run("document.querySelectorAll('.way[data-t]').length") == len(valued)
    assert browser.run(COLUMN % 0)[0] == "3" and len(browser.run(COLUMN % 0)) == len(run.trials)
    assert browser.complaints == []


def test_nothing_is_asked_of_anyone(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    path = opened(made_up())
    assert browser.requests == [path.as_uri()]
    assert "http" not in path.read_text(encoding="utf-8").replace("http-equiv", "")


def test_the_policy_forbids_scripts_styles_and_requests_of_others(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    opened(made_up())
    foreign = '<img src="http://127.0.0.1:9/x"><p id=p style="color: red" onclick="hit = 1">'
    browser.run(f"document.body.insertAdjacentHTML('beforeend', '{foreign}'); document.getElementById('p').click()")
    browser.run("document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.hit = 2'}))")
    assert browser.run("typeof hit") == "undefined"
    assert len([text for text in browser.complaints if "Content Security Policy" in text]) >= 3


HOSTILE = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>\"'>&lt;{{ 7*7 }}"


def test_names_and_values_are_never_taken_for_code(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    trials = tuple(
        ReportTrial(
            number,
            "done",
            0.5 + number / 10,
            {HOSTILE: HOSTILE + str(number)},
            1,
            1.0,
            HOSTILE,
            ({"epoch": 1, HOSTILE: 0.5, "value": 0.5},),
        )
        for number in range(3)
    )
    changed: dict[str, Any] = dict.fromkeys(("name", "note", "metric", "strategy", "spec", "target"), HOSTILE)
    run = made_up(
        **changed,
        trials=trials,
        best=2,
        test={HOSTILE: 0.5},
        hyperparameters=(Hyperparameter(HOSTILE, tuple(HOSTILE + str(number) for number in range(3))),),
        importance=Importance({HOSTILE: 1.0}, HOSTILE),
        manifest={"packages": {HOSTILE: HOSTILE}, "data": {"rows": {HOSTILE: 1}}, "platform": HOSTILE},
    )
    opened(run)
    assert browser.run("typeof hit") == "undefined"
    assert browser.run("document.querySelectorAll('img, body script').length") == 1  # the page's own script
    assert browser.run("document.querySelector('h1').textContent") == HOSTILE
    assert browser.run("document.querySelector('pre').textContent") == HOSTILE
    assert browser.run(COLUMN % 5) == [f"{HOSTILE}{number}" for number in (2, 1, 0)]
    assert browser.complaints == []


def test_a_column_sorts_the_table_and_empty_cells_stay_last(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    opened(made_up())
    assert browser.run(SORTED % 2) == "descending"
    values = browser.run(COLUMN % 2)
    known = [value for value in values if value]
    assert known == sorted(known, reverse=True) and values == known + [""] * (len(values) - len(known))
    browser.run(PRESS % 2)
    assert browser.run(SORTED % 2) == "ascending"
    assert browser.run(COLUMN % 2) == sorted(known) + [""] * (len(values) - len(known))
    browser.run(PRESS % 5)  # units, as numbers and not as text
    units = [int(text) for text in browser.run(COLUMN % 5)]
    assert units == sorted(units) and max(units) > 9
    assert browser.run(SORTED % 2) is None
    assert browser.run("document.getElementById('said').textContent") == "sorted by units, ascending"


def test_the_keyboard_sorts_and_marks_a_trial_in_the_plots(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    opened(made_up())
    browser.run("document.querySelector('.trials').closest('[tabindex]').focus()")
    browser.press("Tab", "Tab")
    browser.press("Enter", "Enter", "\r")  # the first column: the trial's number
    assert browser.run(COLUMN % 0) == [str(number) for number in range(12)]
    browser.run("document.querySelector('.trials tbody button').focus()")
    browser.press("Enter", "Enter", "\r")
    assert browser.run("document.activeElement.getAttribute('aria-pressed')") == "true"
    marked = browser.run("[...document.querySelectorAll('.on')].map(one => one.dataset.t + one.tagName)")
    assert sorted(marked) == ["0TR", "0circle", "0g", "0path"]
    browser.press("Enter", "Enter", "\r")
    assert browser.run("document.querySelectorAll('.on').length") == 0


def test_a_pointer_on_a_mark_shows_the_trial(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    opened(made_up())
    place = browser.run(
        "(() => { const mark = document.querySelector('.mark[data-t=\"3\"]'); mark.scrollIntoView({block: 'center'});"
        " const box = mark.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] })()"
    )
    browser.ask("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": place[0], "y": place[1]})
    text = browser.run("document.getElementById('tip').innerText")
    assert text.startswith("trial 3, pruned: accuracy ") and "units 88" in text
    browser.ask("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 1, "y": 1})
    assert browser.run("document.getElementById('tip').hidden") is True


def test_a_screen_reader_finds_names_for_everything(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    opened(made_up(), made_up(run_id="r-fghij", name="other"))
    ids = browser.run("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))
    missing = browser.run(
        "[...document.querySelectorAll('[aria-labelledby]')].flatMap(one => one.getAttribute('aria-labelledby').split(' '))"
        ".filter(id => !document.getElementById(id)?.textContent)"
    )
    assert missing == []
    assert browser.run("document.documentElement.lang") == "en"
    assert browser.run("[...document.querySelectorAll('table')].every(table => table.caption?.textContent)") is True
    assert browser.run("[...document.querySelectorAll('th')].every(cell => cell.scope)") is True
    assert browser.run("[...document.querySelectorAll('svg')].every(one => one.ariaHidden || one.getAttribute('role') === 'img')")
    levels = browser.run("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1 and all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert browser.run("[...document.querySelectorAll('.runs a')].map(one => one.hash)") == ["#r-abcde", "#r-fghij"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_itself_never_scrolls_sideways(browser: Browser, opened: Open, made_up: MakeUp, width: int) -> None:
    names = tuple(Hyperparameter(f"a_hyperparameter_with_a_long_name_{number}") for number in range(30))
    trials = tuple(ReportTrial(n, "done", n / 10, {one.name: n for one in names}, 1, 1.0, None) for n in range(9))
    opened(made_up(name="x" * 60, trials=trials, best=8, hyperparameters=names), made_up(run_id="r-fghij"), width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_text_has_contrast_in_light_and_in_dark(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    for dark in (False, True):
        opened(made_up(), dark=dark)
        browser.run("colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()")
        pairs = browser.run(
            "['ink', 'quiet', 'accent', 'second', 'bad', 'good'].map(name => [colour(name), colour('card'), colour('soft')])"
        )
        assert browser.run("getComputedStyle(document.body).backgroundColor") == (
            "rgb(18, 21, 26)" if dark else "rgb(255, 255, 255)"
        )
        assert min(_contrast(ink, ground) for ink, *grounds in pairs for ground in grounds) >= 4.5


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as the Web Content Accessibility Guidelines define it."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_five_hundred_trials_stay_usable(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    run = made_up(500)
    row = {"loss": 0.123456789, "val_loss": 0.123456789, "value": 0.123456789}
    long = tuple(row | {"epoch": epoch, "value": 1 - 1 / epoch} for epoch in range(1, 201))
    path = opened(made_up(500, trials=tuple(dataclasses.replace(trial, curve=long) for trial in run.trials)))
    assert path.stat().st_size < 5_000_000
    taken = browser.run(
        f"(() => {{ const begun = performance.now(); {PRESS % 0};"
        " document.body.offsetHeight; return performance.now() - begun })()"
    )
    assert browser.run(COLUMN % 0) == [str(number) for number in range(500)]
    assert taken < 1000


@pytest.mark.parametrize("trials", [0, 1, 4])
def test_few_trials_or_none_make_a_page_too(browser: Browser, opened: Open, made_up: MakeUp, trials: int) -> None:
    empty = Importance({}, "It cannot be told: needs 8 trials with a value, and there are 0.")
    opened(made_up(trials, state="running", test=None, importance=empty))
    assert browser.complaints == []
    assert browser.run("document.body.innerText.includes('No trial has a value yet')") is (trials == 0)


def test_a_run_whose_trials_all_failed_says_why(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    trials = tuple(ReportTrial(number, "failed", None, {"units": 8}, 0, 0.1, "ValueError: no such layer") for number in range(3))
    opened(made_up(trials=trials, best=None, state="failed", note="ValueError: no such layer", test=None))
    assert browser.complaints == []
    assert browser.run(COLUMN % 9) == ["ValueError: no such layer"] * 3
    assert browser.run("document.querySelectorAll('svg[role=img]').length") == 0
    assert browser.run("document.body.innerText.includes('No trial has a value: the table tells why')") is True


def test_a_trial_that_went_astray_does_not_flatten_the_plot(browser: Browser, opened: Open, made_up: MakeUp) -> None:
    run = made_up(12, goal="minimize", metric="loss")
    astray = ReportTrial(12, "done", 1e9, {"units": 8}, 1, 1.0, None, ({"epoch": 1, "value": float("nan")},))
    opened(made_up(12, goal="minimize", metric="loss", trials=(*run.trials, astray), best=0))
    heights = browser.run("[...document.querySelectorAll('circle.mark[data-t]')].map(one => Number(one.getAttribute('cy')))")
    assert len(set(heights)) > 5
    assert browser.run("document.body.innerHTML.includes('NaN')") is False
    assert browser.run("document.querySelectorAll('.far').length") == 1
