"""`init --from`: a whole Keras Tuner script becomes a spec. It is run once, as far as `search`, and nothing is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import NotFoundError, UsageError
from cloud_nas.operations._engine import in_our_words, require_engine
from cloud_nas.operations.initialize import Starter
from cloud_nas.operations.starter.script_data import data_part
from cloud_nas.operations.starter.script_parts import Said
from cloud_nas.operations.starter.script_search import objective_part, search_part, train_part
from cloud_nas.operations.starter.script_text import ScriptSpec, script_text
from cloud_nas.operations.starter.specs import name_from
from cloud_nas.operations.starter.writing import refuse_if_in_the_way, write_starter

if TYPE_CHECKING:
    from local_engine.space.captured import CapturedSearch

SPEC = "spec.yaml"


def from_script(folder: Path | None, script: Path) -> Starter:
    """Writes a spec for what `script` searches, with its arrays as npz beside it.

    Args:
        folder: where to; the script's own folder when None. In another folder the script, and what it imports from its own,
            are copied.
        script: the Python file.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it fails, ends without a search or has no builder that a spec could name, or files are in the way; nothing was
            written.
        MissingExtraError: the engine is not installed.
    """
    if not script.is_file():
        raise NotFoundError(f"no file {script}")
    folder = script.parent if folder is None else folder
    source = f"{script.stem}-data.npz"
    refuse_if_in_the_way(folder, (SPEC, source))
    require_engine()
    with in_our_words():
        from local_engine.space.capture import capture

        captured = capture(script)
    said = Said(script.name)
    for lost in captured.lost:
        said.lose(lost.line, lost.what, lost.why)
    spec = _spec(captured, source, said)
    files = {SPEC: script_text(spec, said).encode()}
    files |= {source: spec.data.content} if spec.data.content is not None else {}
    files |= _copies(captured, folder, said)
    return Starter(folder / SPEC, write_starter(folder, files), (*said.notes, *said.lost))


def _spec(captured: CapturedSearch, source: str, said: Said) -> ScriptSpec:
    """All parts, in the order in which a reader of the notes expects them."""
    if captured.builder is None:
        raise UsageError(
            f"{captured.script.name} gives its tuner a model that a spec cannot name",
            hint="hand it a function or a HyperModel that stands at the top of the file",
            where=f"{captured.script}:{captured.tuner_line}" if captured.tuner_line else str(captured.script),
        )
    search = search_part(captured, said)
    data = data_part(captured, said)
    return ScriptSpec(
        name=name_from(str(captured.options.get("project_name") or captured.script.stem)),
        model=f"{captured.script.name}:{captured.builder}",
        source=source,
        data=data,
        objective=objective_part(captured, data.task, said),
        search=search,
        train=train_part(captured, said),
    )


def _copies(captured: CapturedSearch, folder: Path, said: Said) -> dict[str, bytes]:
    """The script and its helper modules, where the spec goes elsewhere."""
    home = captured.script.parent
    if folder.resolve() == home.resolve():
        return {}
    said.note(None, f"copied to {folder}, with what it imports from its own folder")
    own = [file for file in captured.files if file.is_relative_to(home)]
    return {file.relative_to(home).as_posix(): file.read_bytes() for file in own}
