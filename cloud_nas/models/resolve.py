"""What a user calls a model: an artifact folder, a RUN, or RUN/TRIAL."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from cloud_nas.errors import FailedError, NotFoundError, RefusedError
from cloud_nas.home import run_folder, runs_folder
from cloud_nas.models import kinds
from cloud_nas.models.manifest import NAME

_RUN = re.compile(r"(r-[0-9a-z]{5})(?:/(\d+))?")


def resolve(model: str | Path) -> Path:
    """The artifact folder.

    Raises:
        NotFoundError: there is no such folder, run or trial; the hint names one with a similar name.
        FailedError: the run, or the trial, has no model.
        RefusedError: it is a model of a kind that cannot be looked through before it is loaded.
    """
    folder = Path(model).expanduser()
    if (folder / NAME).is_file():
        return folder.absolute()
    if problem := kinds.problem_of(folder):
        raise RefusedError(f"{model} is refused: {problem}", hint=kinds.HINT)
    named = _RUN.fullmatch(str(model))
    if named is None:
        raise NotFoundError(f"no model {model}", hint=_near(str(model)))
    run_id, trial = named.groups()
    if not run_folder(run_id).is_dir():
        raise NotFoundError(f"no run {run_id}", hint=_near(run_id))
    return _of_run(run_id) if trial is None else _of_trial(run_id, int(trial))


def _of_run(run_id: str) -> Path:
    folder = run_folder(run_id) / "model"
    if not (folder / NAME).is_file():
        if (run_folder(run_id) / "candidate").is_dir():
            raise FailedError(f"the model of {run_id} runs only at its service", hint=f"cloud-nas evaluate {run_id} DATA")
        raise FailedError(f"{run_id} has no model yet", hint=f"cloud-nas status {run_id} tells where it stands")
    return folder


def _of_trial(run_id: str, trial: int) -> Path:
    trials = run_folder(run_id) / "trials"
    folder = trials / str(trial)
    if (folder / NAME).is_file():
        return folder
    if folder.is_dir():
        raise FailedError(f"trial {trial} of {run_id} has no model", hint=f"cloud-nas show {run_id}/{trial} tells why")
    kept = sorted((path.name for path in trials.glob("[0-9]*") if (path / NAME).is_file()), key=int)
    hint = f"there are models of {', '.join(kept[:12])}" if kept else f"cloud-nas trials {run_id} lists its trials"
    raise NotFoundError(f"no model of trial {trial} in {run_id}", hint=hint)


def _near(name: str) -> str:
    known = [path.name for path in runs_folder().glob("r-*")] if runs_folder().is_dir() else []
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else "a model is a folder with a manifest.json, a RUN, or RUN/TRIAL"
