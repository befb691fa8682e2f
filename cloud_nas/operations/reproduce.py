"""`reproduce`: a run's best trial trained again from what the run wrote down, and how far the result is from the recorded one."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import RefusedError
from cloud_nas.operations._conditions import differences, take_up
from cloud_nas.operations._engine import in_our_words, require_engine
from cloud_nas.operations._kept_code import kept_code, require_trust
from cloud_nas.operations._prepare import load_model_function, travelling_code
from cloud_nas.operations._recorded import Recorded, recorded
from cloud_nas.operations._runs import folder_of, settled
from cloud_nas.operations._trained_again import Again, Trained, train_again
from cloud_nas.runs.registry import Registry
from cloud_nas.states import LIVE
from local_engine.definition import Definition, ModelSpace, Value
from local_engine.events import Note, Observer, broadcast

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.space.flat import Space


@dataclass(frozen=True)
class Compared:
    """A number as it was recorded and as it came out again; `difference` is the second less the first."""

    recorded: float | None
    reproduced: float | None

    @property
    def difference(self) -> float | None:
        """None where one of them is missing."""
        if self.recorded is None or self.reproduced is None:
            return None
        return self.reproduced - self.recorded

    def to_json(self) -> dict[str, float | None]:
        """Plain data."""
        return {"recorded": self.recorded, "reproduced": self.reproduced, "difference": self.difference}


@dataclass(frozen=True)
class Reproduction:
    """A run's best trial, trained again.

    Attributes:
        metric: the objective, as `value` has it on the validation rows.
        epochs: how many were trained, then and now.
        differs_from: the first epoch after which the objective is not what it was; None where all are.
        test: each metric of the final model on the held-out rows; empty where the run has no final model of this trial or no
            such rows.
        conditions: what is not as it was when the run was made: packages, processor, threads, GPUs, files that were not kept.
        notes: what else there is to know.
        seconds: how long it took.
    """

    run_id: str
    trial: int
    metric: str
    params: Mapping[str, Value]
    value: Compared
    epochs: Compared
    differs_from: int | None
    test: Mapping[str, Compared]
    conditions: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether every number is the recorded one, to the last bit."""
        return self.differs_from is None and all(one.difference == 0 for one in (self.value, self.epochs, *self.test.values()))

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self) | {
            "params": dict(self.params),
            "value": self.value.to_json(),
            "epochs": self.epochs.to_json(),
            "test": {name: one.to_json() for name, one in self.test.items()},
            "conditions": list(self.conditions),
            "notes": list(self.notes),
            "exact": self.exact,
        }


def reproduce(run: str, *, trust: bool = False, model: Any = None, observers: Sequence[Observer] = ()) -> Reproduction:
    """Trains a run's best trial again, in a folder that is gone afterwards, and compares what comes of it.

    The hyperparameters, the seed, the number of epochs, the definition and the code are those that the run kept, and so is the
    number of threads, and that no GPU is used where none was: TensorFlow stays so in this process, unless it was at work before,
    which `conditions` tells. Where the run's final model was made of that trial, it is made again too, and scored on the
    held-out rows. On a CPU with the same packages the numbers are the same to the last bit.

    Args:
        run: the run's id.
        trust: import the code that the run kept although this machine does not know that it ran here.
        model: the function or HyperModel, where the run was given one in a notebook.
        observers: called with each event, as in `run`.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: the data are not what they were, the code is not trusted, or the run is still at work.
        FailedError: no trial has a value, what is needed was cleaned away, or training failed.
        UsageError: the data cannot be read.
        MissingExtraError: the extra `local` is not installed.
    """
    require_engine()
    began, notes = time.monotonic(), list[str]()
    observer = broadcast(_noting(notes), *observers)
    with in_our_words(), Registry() as registry, tempfile.TemporaryDirectory(prefix="cloud-nas-") as temporary:
        row = settled(registry.get(run), registry)
        if row.state in LIVE:
            raise RefusedError(f"{run} is still {row.state}", hint=f"cloud-nas wait {run}")
        found = recorded(row, folder_of(row))
        definition = found.manifest.definition
        if model is None:
            code = kept_code(found.folder, found.manifest, registry.trusts, Path(temporary) / "code")
            if not trust:
                require_trust(code, run)
            definition = code.definition
        take_up(found.manifest.raw.get("hardware", {}))
        data = _data(found, definition, observer)
        builder = _builder(found, definition, data, model)
        conditions = (*differences(found.manifest.raw), *_other_files(found, definition, builder))
        again = train_again(Again(found, definition, data, builder, _space(found), Path(temporary)), broadcast(*observers))
        return _compared(found, again, conditions, tuple(notes), time.monotonic() - began)


def _data(found: Recorded, definition: Definition, observer: Observer) -> Dataset:
    """The data, if they are those that the trial was trained on."""
    from local_engine.data import load

    data = load(definition.data, definition.task, note=observer)
    if data.fingerprint != found.manifest.data_fingerprint:
        rows = found.manifest.raw["data"]["rows"]
        now = {"train": data.train.n, "validation": data.validation.n, "test": 0 if data.test is None else data.test.n}
        changed = [f"{rows[part]} {part} rows then, {count} now" for part, count in now.items() if rows[part] != count]
        what = ", ".join(changed) or "as many rows, with other values, labels or columns, or in another order"
        hint = "put the data back as they were; the same spec makes a new run of what is there now"
        raise RefusedError(f"the data of {found.run_id} changed since: {what}", hint=hint, where=definition.data.source)
    return data


def _builder(found: Recorded, definition: Definition, data: Dataset, model: Any) -> Builder:
    """The model's function, if it is the recorded one."""
    builder = load_model_function(definition, data, model)
    if builder.sha256() != found.manifest.raw["code_sha256"]:
        raise RefusedError(
            f"the code is not what trial {found.trial} of {found.run_id} was trained with",
            hint="put it back as it was" if model is None else "hand over the function that the run was given",
        )
    return builder


def _other_files(found: Recorded, definition: Definition, builder: Builder) -> Iterator[str]:
    """Says so where files that the model's file does not import are not what they were; the run kept no copy of them."""
    definition = definition if builder.files else dataclasses.replace(definition, space=ModelSpace(None, builder.name))
    try:
        same = travelling_code(definition, builder) == found.code
    except OSError:
        same = False
    if not same:
        yield "files of `callbacks` or `code.include`: changed, or not where they were"


def _space(found: Recorded) -> Space:
    """What the study knows of the space; what the parameters tell themselves where it is gone."""
    from local_engine.space.flat import Space
    from local_engine.study import Study

    if not found.study.is_file():
        return Space()
    with Study.open(found.study) as study:
        return study.space


def _compared(
    found: Recorded, again: Trained, conditions: tuple[str, ...], notes: tuple[str, ...], seconds: float
) -> Reproduction:
    curves = zip(found.curve, again.curve, strict=False)
    names = [*(found.test or {}), *(name for name in again.test if name not in (found.test or {}))]
    return Reproduction(
        run_id=found.run_id,
        trial=found.trial,
        metric=found.manifest.definition.objective.metric,
        params=found.params,
        value=Compared(found.value, again.value),
        epochs=Compared(len(found.curve), len(again.curve)),
        differs_from=next((epoch for epoch, (then, now) in enumerate(curves, 1) if then != now), None),
        test={name: Compared((found.test or {}).get(name), again.test.get(name)) for name in names},
        conditions=conditions,
        notes=notes,
        seconds=seconds,
    )


def _noting(notes: list[str]) -> Observer:
    def keep(event: Any) -> None:
        if isinstance(event, Note):
            notes.append(event.message)

    return keep
