"""One HTML file from what there is to show. It asks no server for anything, and its policy forbids it to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.compare.report import compared, plots, words
from cloud_nas.compare.report.compared import ReportComparison
from cloud_nas.compare.report.contents import ReportRun, ReportTrial, is_finite


@dataclass(frozen=True)
class Cell:
    """A cell of the table of trials: what is read, and the number that it sorts by (None: by its text)."""

    text: str
    number: float | None = None


@dataclass(frozen=True)
class Row:
    """A trial's line in the table. `tip` says it in short."""

    trial: ReportTrial
    best: bool
    tip: str
    params: tuple[Cell, ...]


@dataclass(frozen=True)
class Figure:
    """A plot under a heading; `kind` is the legend that belongs to it."""

    heading: str
    svg: str
    kind: str


def page(runs: Sequence[ReportRun], *, written_at: str, version: str, comparison: ReportComparison | None = None) -> str:
    """The report on these runs, whole.

    Args:
        runs: in the order in which they are shown; none where there is a comparison of models alone.
        written_at: ISO 8601 in UTC.
        version: of cloud-nas.
        comparison: of models on the same rows, shown first; None: there is none.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = _folder()
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": words.number, "duration": words.duration, "moment": words.moment, "given": words.given}
    style, script = ((folder / name).read_text(encoding="utf-8").strip() for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        runs=[_shown(run) for run in runs],
        compared=None if comparison is None else compared.shown(comparison),
        written_at=written_at,
        version=version,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _shown(run: ReportRun) -> dict[str, Any]:
    """What the template is given of a run."""
    valued = any(trial.value is not None for trial in run.trials)
    best = run.best_trial
    details = [] if best is None else plots.one_trial(run, best, f"{run.run_id}-metric")
    return {
        "run": run,
        "best": best,
        "columns": [one.name for one in run.hyperparameters],
        "rows": [_row(run, trial) for trial in run.ranked],
        "valued": valued,
        "figures": list(_figures(run)),
        "importance": plots.bars(
            run.importance.shares, f"{run.run_id}-importance", f"Importance of the hyperparameters, {run.name}"
        ),
        "parallel": plots.parallel(run, f"{run.run_id}-parallel"),
        "metrics": [Figure(name, svg, "both" if both else "one") for name, svg, both in details],
        "states": [state for state in ("done", "pruned", "failed", "running") if any(_drawn(one) == state for one in run.trials)],
        "environment": list(_environment(run.manifest)),
    }


def _figures(run: ReportRun) -> Iterator[Figure]:
    drawn = (
        (f"{run.metric} over the trials", plots.history(run, f"{run.run_id}-history"), "states"),
        (f"{run.metric} over the epochs", plots.curves(run, f"{run.run_id}-curves"), "curves"),
    )
    for heading, svg, kind in drawn:
        if svg is not None:
            yield Figure(heading, svg, kind)


def _drawn(trial: ReportTrial) -> str:
    return "failed" if trial.state == "preempted" else trial.state


def _row(run: ReportRun, trial: ReportTrial) -> Row:
    value = words.number(trial.value) or "no value"
    epochs = f"{trial.epochs} epoch{'s' * (trial.epochs != 1)}"
    params = ", ".join(f"{name} {words.given(given)}" for name, given in trial.params.items())
    tip = f"trial {trial.number}, {trial.state}: {run.metric} {value}, {epochs}\n{words.shortened(params, 400)}"
    cells = tuple(_cell(trial.params.get(one.name)) for one in run.hyperparameters)
    return Row(trial, trial.number == run.best, tip.strip(), cells)


def _cell(value: Any) -> Cell:
    return Cell(words.given(value), float(value) if is_finite(value) else None)


def _environment(manifest: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What the model was made of and where, as names and texts."""
    if manifest is None:
        return
    named = (("made", "created_at"), ("kind", "kind"), ("model's seed", "seed"), ("epochs", "epochs"))
    yield from ((label, str(manifest[key])) for label, key in named if manifest.get(key) is not None)
    data = manifest.get("data") or {}
    yield "data", str((manifest.get("definition") or {}).get("data", {}).get("source", ""))
    yield "rows", ", ".join(f"{part} {count}" for part, count in (data.get("rows") or {}).items())
    yield "data's fingerprint", str(data.get("fingerprint", ""))
    yield "code's sha256", str(manifest.get("code_sha256", ""))
    yield "definition's sha256", str(manifest.get("definition_sha256", ""))
    for label, key in (("Python", "python"), ("platform", "platform")):
        yield label, str(manifest.get(key, ""))
    yield from ((name, _text(value)) for name, value in (manifest.get("hardware") or {}).items())
    yield from ((name, _text(value)) for name, value in (manifest.get("packages") or {}).items())


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
    return "none" if value is None else str(value)


def _hash(text: str) -> str:
    """How a content security policy names the one text that may stand inside a style or script element."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _folder() -> Path:
    """`cloud_nas/templates/report` in an installation, `templates/report` beside the packages in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "templates"
    return (installed if installed.is_dir() else package.parent / "templates") / "report"
