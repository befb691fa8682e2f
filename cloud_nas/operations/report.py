"""`report`: a page about runs, one HTML file that needs nothing beside itself."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.compare.report import Hyperparameter, Importance, ReportRun, ReportTrial, importance, page
from cloud_nas.compare.report.contents import is_finite
from cloud_nas.errors import FailedError, MissingExtraError, RefusedError, UsageError
from cloud_nas.models import manifest
from cloud_nas.operations._engine import INSTALL, in_our_words, require_engine
from cloud_nas.operations._finish import held_out_score
from cloud_nas.operations._runs import folder_of
from cloud_nas.operations._runs import rows as rows_of
from cloud_nas.operations.trials import STUDY
from cloud_nas.runs.row import RunRow, now
from local_engine.definition import Definition
from local_engine.files import read_json, read_json_lines, write_bytes
from local_engine.training.manifest import packages

if TYPE_CHECKING:
    from local_engine.study.records import TrialRecord


@dataclass(frozen=True)
class Report:
    """A page that was written: where, about which runs, and how large it is."""

    path: Path
    run_ids: tuple[str, ...]
    bytes: int


def report(runs: str | Sequence[str], *, html: str | os.PathLike[str], rows: bool = False) -> Report:
    """Writes a page about runs; a file of that name is replaced.

    Args:
        runs: their ids, in the order in which they are shown.
        html: the page's file.
        rows: whether rows of data may be shown. This page has none, so it makes no difference yet.

    Raises:
        NotFoundError: there is no such run.
        UsageError: no run is named, or `html` is a folder.
        RefusedError: the file cannot be written.
        MissingExtraError: the extra `local` is not installed.
    """
    names = tuple(dict.fromkeys((runs,) if isinstance(runs, str) else runs))
    if not names:
        raise UsageError("no run is named", hint="cloud-nas status lists them")
    path = page_file(html, "report.html")
    found = rows_of(*names)
    require_parts()
    text = page([gathered(row) for row in found], written_at=now(), version=packages().get("cloud-nas", ""))
    return Report(path, names, write_page(path, text))


def page_file(html: str | os.PathLike[str], example: str) -> Path:
    """Where a page goes, absolute.

    Raises:
        UsageError: it is a folder.
    """
    path = Path(html).expanduser().absolute()
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint=f"--html {path / example}")
    return path


def write_page(path: Path, text: str) -> int:
    """Writes a page, whole or not at all; gives its bytes.

    Raises:
        RefusedError: it cannot be written.
    """
    content = text.encode()
    try:
        write_bytes(path, content)
    except OSError as error:
        raise RefusedError(f"cannot write {path}: {error.strerror}", hint="--html takes another place") from error
    return len(content)


def require_parts() -> None:
    """Ends here where what makes a page is not installed."""
    require_engine()
    if importlib.util.find_spec("jinja2") is None:
        raise MissingExtraError("a report needs jinja2, not installed", hint=INSTALL)


def gathered(row: RunRow) -> ReportRun:
    """All that the page shows of a run. The study is read once, so that a run at work is shown as of one moment."""
    folder = folder_of(row)
    definition = _definition(row)
    trials: tuple[ReportTrial, ...] = ()
    hyperparameters: tuple[Hyperparameter, ...] = ()
    told = Importance({}, "It cannot be told: no trial has ended yet.")
    if (folder / STUDY).is_file():
        with in_our_words():
            from local_engine.study import Study

            with Study.open(folder / STUDY) as study:
                space = study.space
                trials = tuple(_trial(record, folder) for record in study.trials)
            hyperparameters = Hyperparameter.all_of(space, trials)
            told = importance(space, trials, definition.objective.goal)
    goal = definition.objective.goal
    best = min(
        (trial for trial in trials if trial.state != "failed" and is_finite(trial.value)),
        key=lambda trial: ((-1 if goal == "maximize" else 1) * float(trial.value or 0.0), trial.number),
        default=None,
    )
    return ReportRun(
        run_id=row.run_id,
        name=row.name,
        target=row.target,
        state=row.state,
        note=row.note or (None if row.state == "succeeded" else row.reason),
        seconds=row.seconds,
        counts=row.trials,
        metric=definition.objective.metric,
        goal=goal,
        strategy=definition.search.strategy,
        seed=definition.search.seed,
        trials=trials,
        best=None if best is None else best.number,
        test=held_out_score(row),
        hyperparameters=hyperparameters,
        importance=told,
        spec=_text(folder / "spec.yaml"),
        manifest=None if row.model is None else manifest.read(Path(row.model)).raw,
    )


def _definition(row: RunRow) -> Definition:
    """What the run searches.

    Raises:
        FailedError: its folder does not say.
    """
    path = folder_of(row) / "definition.json"
    try:
        with in_our_words():
            return Definition.from_json(read_json(path))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise FailedError(
            f"{path} cannot be read: {error}", hint=f"cloud-nas status {row.run_id} tells where it stands"
        ) from error


def _trial(record: TrialRecord, folder: Path) -> ReportTrial:
    curve = tuple(read_json_lines(folder / "trials" / str(record.number) / "curve.jsonl"))
    return ReportTrial(
        record.number, record.state, record.value, dict(record.params), record.epochs, record.seconds, record.reason, curve
    )


def _text(path: Path) -> str:
    """The spec's text; it may be of a notebook, and have none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else "(none: the spec was made in a program)"
