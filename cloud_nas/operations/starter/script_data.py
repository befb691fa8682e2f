"""What a script's arrays say: the task, the file that keeps them, how they are divided."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import UsageError
from cloud_nas.operations.starter.files import guess_arrays
from cloud_nas.operations.starter.script_parts import DataPart, Said
from cloud_nas.spec import metrics
from local_engine.definition import Task

if TYPE_CHECKING:
    from local_engine.space.captured import CapturedSearch

TEST = 0.1
VALIDATION = 0.2
_MOST = 0.8
"""A larger validation part would leave too little to train on once the held-out rows are taken off."""

_FEWEST = 10
"""With fewer rows of a class than this, some part may get none of it."""

_REGRESSION = re.compile(
    r"mean_?(squared|absolute)_?(percentage_|logarithmic_)?error|\b(mse|mae|mape|msle|huber|log_?cosh)\b", re.IGNORECASE
)
_CLASSIFICATION = re.compile(r"cross_?entropy|\bhinge\b", re.IGNORECASE)
_LOSS = re.compile(r"loss\s*=\s*(.{0,80})")


def data_part(captured: CapturedSearch, said: Said) -> DataPart:
    """The task, the arrays as a file, the split."""
    x, y = _array(captured.x, "x", captured, said), _array(captured.y, "y", captured, said)
    if x is None or y is None:
        if y is None and captured.x is not None and captured.y is None:
            said.lose(captured.search_line, "x without y", "a spec's rows have answers; save both as npz, with the names x and y")
        task = _from_words(captured) or "tabular-classification"
        said.note(captured.search_line, f"task: {task} is a guess; the rows are not at hand")
        return DataPart(task, None, VALIDATION, TEST, stratify=task != "tabular-regression")
    y = _labels(y, captured, said)
    validation, x, y = _joined(captured, x, y, said)
    task = _task(captured, x, y)
    said.note(
        captured.search_line, f"the script gives `search` no held-out rows: {TEST:g} of these are, and are scored once at the end"
    )
    if task.startswith("tabular") and x.ndim == 2:
        said.note(captured.search_line, "columns are scaled before a model sees them, by what the training rows say")
    return DataPart(task, _npz(x, y), validation, TEST, _can_stratify(task, y))


def _array(value: Any, name: str, captured: CapturedSearch, said: Said) -> Any:
    """`value` as an array; None where it is none, or cannot be one."""
    import numpy as np

    if value is None:
        return None
    several = isinstance(value, dict) or (isinstance(value, (list, tuple)) and any(getattr(one, "ndim", 0) for one in value))
    if several and not (isinstance(value, list) and len({np.shape(one) for one in value}) == 1 and len(value) > 8):
        said.lose(captured.search_line, f"{name}, which is several arrays", "an npz file holds one; save the columns as parquet")
        return None
    array = np.asarray(value)
    if array.dtype == object:
        array = array.astype(str)
    return array.astype(np.float32) if array.dtype == np.float64 and name == "x" else array


def _labels(y: Any, captured: CapturedSearch, said: Said) -> Any:
    """One answer a row; one-hot rows become class numbers, which are made one-hot again where the model's loss asks for it."""
    import numpy as np

    if y.ndim == 2 and y.shape[1] == 1:
        return y[:, 0]
    if y.ndim == 2 and bool(np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1)):
        said.note(captured.search_line, "y is one-hot: it is kept as class numbers, and made one-hot again for the model's loss")
        return y.argmax(axis=1)
    return y


def _joined(captured: CapturedSearch, x: Any, y: Any, said: Said) -> tuple[float, Any, Any]:
    """The share of validation rows, and all rows, the script's own validation rows among them."""
    import numpy as np

    line = captured.search_line
    if captured.validation_data is not None:
        xv, yv = (_array(part, name, captured, said) for part, name in zip(captured.validation_data[:2], "xy", strict=True))
        if xv is not None and yv is not None:
            yv = _labels(yv, captured, said)
            share = min(_MOST, round(len(xv) / (len(x) + len(xv)), 4))
            said.note(line, f"validation_data joins the other rows: a share of {share:g} of them is drawn anew, seeded")
            return share, np.concatenate([x, xv]), np.concatenate([y, yv])
    if captured.validation_split:
        share = min(_MOST, float(captured.validation_split))
        said.note(line, f"validation_split={share:g} is drawn at random, seeded, where Keras takes the last rows")
        return share, x, y
    said.note(line, f"`search` gets no validation rows: {VALIDATION:g} of these are taken")
    return VALIDATION, x, y


def _task(captured: CapturedSearch, x: Any, y: Any) -> Task:
    """What the labels look like, unless the objective or the loss say otherwise."""
    guessed = guess_arrays(x, y).task
    said_so = _from_words(captured)
    if said_so == "tabular-regression" or said_so is None:
        return said_so or guessed
    if guessed != "tabular-regression":
        return guessed
    return "image-classification" if x.ndim in (3, 4) else "tabular-classification"


def _from_words(captured: CapturedSearch) -> Task | None:
    """Regression or classification, as the objective's metric, else the script's losses, have it; None where they do not tell."""
    names = [metrics.plain_name(objective.name) for objective in captured.objectives[:1]]
    tasks = {task for name in names if name in metrics.METRICS for task in metrics.METRICS[name].tasks}
    if len(tasks & {"tabular-regression", "tabular-classification"}) == 1:
        return "tabular-regression" if "tabular-regression" in tasks else "tabular-classification"
    losses = " ".join(_LOSS.findall("\n".join(file.read_text(encoding="utf-8", errors="replace") for file in captured.files)))
    is_regression, is_classification = bool(_REGRESSION.search(losses)), bool(_CLASSIFICATION.search(losses))
    if is_regression == is_classification:
        return None
    return "tabular-regression" if is_regression else "tabular-classification"


def _can_stratify(task: Task, y: Any) -> bool:
    import numpy as np

    if task == "tabular-regression":
        return False
    return int(np.unique(y, return_counts=True)[1].min()) >= _FEWEST


def _npz(x: Any, y: Any) -> bytes:
    """Both arrays as the content of an npz file."""
    import numpy as np

    if len(x) != len(y):
        raise UsageError(f"the script's x has {len(x)} rows and its y has {len(y)}")
    file = io.BytesIO()
    np.savez_compressed(file, x=x, y=y)
    return file.getvalue()
