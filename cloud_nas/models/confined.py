"""The process that a stranger's model is loaded in: it confines itself, looks, loads, predicts, and leaves files behind.

Its parent is `apart`; its whole world is one folder with `request.json`, the rows in `rows/`, and `out/`, where it may write.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cloud_nas.errors import known
from cloud_nas.models.confinement import Room, confine
from local_engine import sharing
from local_engine.files import read_json, write_json

REQUEST, ROWS, OUT, ANSWER, EXPORT = "request.json", "rows", "out", "answer.json", "export"
_KINDS = ("RefusedError", "FailedError", "UsageError", "MissingExtraError")


def main(folder: str) -> None:
    """Does what `request.json` says, and writes `out/answer.json` last."""
    place = Path(folder)
    request: dict[str, Any] = read_json(place / REQUEST)
    os.chdir(place / OUT)
    open_ways = confine(place / OUT, Room(**request["room"]))
    try:
        answer = (_predict_edge if "edge" in request else _predict)(place, request) | {"open": list(open_ways)}
    except MemoryError:
        answer = {"error": {"kind": "RefusedError", "message": "the model needs more memory than this machine has", "hint": None}}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent says it
        answer = {"error": _told(error)}
    write_json(place / OUT / ANSWER, answer)


def _predict(place: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Outputs of each part of the rows, in files by its number; and the model's speed, where that was asked for."""
    import numpy as np

    from cloud_nas.models import loading, manifest

    model = loading.load_here(
        manifest.read(Path(request["model"])), trusts=lambda sha256: sha256 in request["trusted"], trust=request["trust"]
    )
    parts = sharing.take(place / ROWS)
    for number, outputs in enumerate(model.outputs(parts)):
        np.save(place / OUT / f"{number}.npy", outputs, allow_pickle=False)
    answer: dict[str, Any] = {"parts": len(parts)}
    if request.get("measure"):
        from local_engine.training.speed import measure

        speed = measure(model.model, parts[0])
        answer["speed"] = None if speed is None else asdict(speed)
    if request.get("export"):
        answer["difference"] = _export(place / OUT, model, parts[0], request)
    return answer


def _predict_edge(place: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Outputs of a service's edge model, which is a program of its own, for images."""
    import numpy as np

    from cloud_nas.models.edge_running import run

    parts = sharing.take(place / ROWS)
    outputs, notes = run(Path(request["edge"]), parts)
    for number, found in enumerate(outputs):
        np.save(place / OUT / f"{number}.npy", found, allow_pickle=False)
    return {"parts": len(parts), "notes": notes}


def _export(out: Path, model: Any, part: Any, request: dict[str, Any]) -> float | None:
    """Writes the model in another form; gives the largest difference of its outputs to the model's own, where that was asked."""
    import numpy as np

    from local_engine import exporting

    raw = next(raw for raw, _ in part.batches(max(1, part.n)))
    (out / EXPORT).mkdir()
    path = exporting.export(model.model, request["export"], Path(request["model"]), out / EXPORT, raw)
    if not request["check"]:
        return None
    ours = np.asarray(model.model.outputs(raw), dtype=np.float64)
    theirs = exporting.outputs(path, request["export"], raw).reshape(ours.shape)
    return float(np.abs(ours - theirs).max())


def _told(error: Exception) -> dict[str, Any]:
    """An error for the parent, which knows it by the name of its class."""
    ours = known(error)
    if ours is None:
        return {"kind": "FailedError", "message": f"the model cannot be used: {type(error).__name__}: {error}", "hint": None}
    kind = next((base.__name__ for base in type(ours).__mro__ if base.__name__ in _KINDS), "FailedError")
    return {"kind": kind, "message": ours.message, "hint": ours.hint, "code": ours.code}


def request_of(model: Path, trusted: list[str], trust: bool, room: Room, **more: Any) -> dict[str, Any]:
    """What `request.json` holds.

    Args:
        model: the artifact, whole as its manifest says.
        trusted: which of its hashes this machine knows.
        trust: load its code whatever it is.
        room: how much the process may take.
        more: `measure`: tell how fast the model is; `export`: write it in that form, and `check` it.
    """
    return {"model": str(model), "trusted": trusted, "trust": trust, "room": asdict(room), **more}
