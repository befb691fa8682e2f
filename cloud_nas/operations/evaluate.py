"""`evaluate`: how good a model is on rows whose answer is known."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import RefusedError
from cloud_nas.models import evaluate as models
from cloud_nas.models.evaluate import Evaluation, PartName
from cloud_nas.operations._engine import in_our_words
from cloud_nas.operations._models import load_model

if TYPE_CHECKING:
    from cloud_nas.targets.plan import Plan


def _ask_nobody(plan: Plan) -> bool:
    """Nobody has said that this may be made."""
    return False


def evaluate(
    model: str | Path,
    data: str | Path,
    *,
    part: PartName | None = None,
    trust: bool = False,
    max_cost: float | None = None,
    accept_estimate: bool = False,
    confirm: Callable[[Plan], bool] = _ask_nobody,
    note: Callable[[str], None] = lambda text: None,
) -> Evaluation:
    """Scores a model with every metric of its task.

    A model that only its service can run (Autopilot's, AutoML's) is scored there: what that makes is planned, priced, and done
    only where `confirm` says so. The rows travel without their labels, and the predictions stay in the run's folder.

    Args:
        model: an artifact folder, a RUN or RUN/TRIAL.
        data: a file, a folder or `builtin:NAME`, with labels. Of the data that the model was searched on, the spec's split says
            which rows are which part.
        part: `test`, `validation`, `train` or `all`; None: test where the data have parts, else all.
        trust: load the model's own code although it has not run on this machine.
        max_cost: the most that scoring by a service may cost, in US dollars.
        accept_estimate: take an estimate for it, where the service has no cap.
        confirm: asked before a service is made to score.
        note: told what the user should know while it does.

    Raises:
        NotFoundError: there is no such model.
        UsageError: the rows cannot be read, or there is no such part.
        RefusedError: the model is not safe to load, or its code is not trusted; scoring was not confirmed, or costs too much.
        FailedError: a file of the model is not what its manifest says, or the rows have no labels.
    """
    from cloud_nas.operations._edge import edge_at_home
    from cloud_nas.operations._scored_there import scored_there

    with in_our_words():
        came = edge_at_home(model)
        if came is not None:
            return came.evaluate(str(data), part, note)
        row = scored_there(model)
        if row is None:
            return models.evaluate(load_model(model, trust=trust), str(data), part=part)[0]
        from cloud_nas.operations._money import check_cost
        from cloud_nas.operations._scored_there import scoring

        with tempfile.TemporaryDirectory() as work:
            asked = scoring(row, str(data), part, Path(work))
            check_cost(asked.plan, max_cost, accept_estimate=accept_estimate)
            if not confirm(asked.plan):
                raise RefusedError(
                    f"{row.run_id} can only be scored by its service, which costs money and was not confirmed", hint="--yes"
                )
            return asked.carry_out(note)
