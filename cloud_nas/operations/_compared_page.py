"""A comparison as a page: its plots, the rows on which models disagree, their networks, and the runs that they are of."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.compare.diagnostics import Disagreement, count_disagreements, diagnose, disagreements
from cloud_nas.compare.report import ReportRun, page
from cloud_nas.compare.report.compared import ReportComparison
from cloud_nas.errors import CloudNasError
from cloud_nas.operations._networks import Layer, layers_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.operations.report import gathered, page_file, require_parts, write_page
from cloud_nas.package.png import images_of, png
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import now
from local_engine.definition import Definition
from local_engine.errors import EngineError
from local_engine.files import read_json
from local_engine.training.manifest import packages

if TYPE_CHECKING:
    from cloud_nas.compare.comparison import Comparison
    from cloud_nas.compare.entries import Aligned, Entry


def write(
    comparison: Comparison, entries: Sequence[Entry], aligned: Aligned, path: str | os.PathLike[str], *, rows: bool
) -> Path:
    """Writes the page; a file of that name is replaced.

    Args:
        comparison: what was found.
        entries: of what.
        aligned: their answers.
        path: the file.
        rows: show rows on which the models disagree.

    Raises:
        UsageError: the path is a folder.
        RefusedError: it cannot be written.
        MissingExtraError: the extra `local` is not installed.
    """
    file = page_file(path, "comparison.html")
    require_parts()
    shown = _shown(comparison, entries, aligned, rows)
    write_page(file, page(_runs(entries), written_at=now(), version=packages().get("cloud-nas", ""), comparison=shown))
    return file


def _shown(comparison: Comparison, entries: Sequence[Entry], aligned: Aligned, rows: bool) -> ReportComparison:
    differ = disagreements(aligned) if rows else ()
    return ReportComparison(
        comparison=comparison,
        diagnoses={entry.name: diagnose(aligned, number) for number, entry in enumerate(entries)},
        classes=aligned.classes or (),
        disagreements=differ,
        differ=None if aligned.classes is None else count_disagreements(aligned),
        names=tuple(entry.name for entry in entries),
        pictures=_pictures(entries, aligned, differ) if differ else {},
        networks=dict(_networks(entries)),
    )


def _runs(entries: Sequence[Entry]) -> list[ReportRun]:
    """What is known of the runs, each once; a run whose folder does not say enough is left out."""
    found = []
    for run_id in dict.fromkeys(entry.run_id for entry in entries if entry.run_id is not None):
        with Registry() as registry:
            row = registry.find(run_id)
        if row is None:
            continue
        try:
            found.append(gathered(row))
        except CloudNasError:
            continue
    return found


def _networks(entries: Sequence[Entry]) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    for entry in entries:
        layers = () if entry.folder is None else layers_of(entry.folder / "model.keras")
        if layers:
            yield entry.name, layers


def _pictures(entries: Sequence[Entry], aligned: Aligned, differ: Sequence[Disagreement]) -> Mapping[int, str]:
    """The rows as pictures, where they are images of data that are on this machine."""
    for entry in entries:
        if entry.run_id is None:
            continue
        with Registry() as registry:
            row = registry.find(entry.run_id)
        if row is None:
            continue
        try:
            return _of_run(Definition.from_json(read_json(folder_of(row) / "definition.json")), differ)
        except (CloudNasError, EngineError, OSError, ValueError, KeyError, TypeError):
            continue
    return {}


def _of_run(definition: Definition, differ: Sequence[Disagreement]) -> Mapping[int, str]:
    from local_engine.data import load

    data = load(definition.data, definition.task)
    if data.test is None or data.inputs.kind != "image":
        return {}
    wanted = {one.row_id: one.place for one in differ}
    pairs = zip(map(str, data.test.ids.tolist()), images_of(data.test), strict=True)
    return {
        wanted[name]: f"data:image/png;base64,{base64.b64encode(png(pixels)).decode()}"
        for name, pixels in pairs
        if name in wanted
    }
