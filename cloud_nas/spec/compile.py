"""From a spec to a definition: paths absolute, defaults filled in, durations in seconds."""

from __future__ import annotations

from cloud_nas.spec import model, paths
from cloud_nas.spec.checks_model import split_reference
from cloud_nas.spec.fields import Callback
from cloud_nas.spec.loading import LoadedSpec
from local_engine import definition as engine
from local_engine.strategies.options import resolve


def definition_of(loaded: LoadedSpec) -> engine.Definition:
    """What the engine searches; the same definition for the same spec in the same place."""
    spec = loaded.spec
    objective = spec.objective
    if spec.name is None or objective.metric is None or objective.goal is None:
        raise ValueError("definition_of takes a spec that `load` made, with its defaults filled in")
    return engine.Definition(
        name=spec.name,
        task=spec.task,
        data=_data(loaded),
        objective=engine.Objective(objective.metric, objective.goal),
        space=_space(loaded),
        search=engine.Search(  # what `warm_start` names is looked up where the run is begun
            spec.search.strategy, spec.search.seed, resolve(spec.search.strategy, spec.search.model_extra or {})
        ),
        train=_train(loaded),
        final=engine.Final(spec.final.fit, spec.final.keep),  # type: ignore[arg-type]  # checked by the field: best, all or a count
        budget=engine.Budget(spec.budget.trials, spec.budget.epochs, spec.budget.time),
        code=engine.Code(str(loaded.folder), tuple(spec.code.include), tuple(spec.code.requirements)),
    )


def _data(loaded: LoadedSpec) -> engine.Data:
    data = loaded.spec.data
    split = data.split
    test = _source(loaded, split.test) if isinstance(split.test, str) else split.test
    return engine.Data(
        source=_source(loaded, data.source),
        target=data.target,
        id=data.id,
        split=engine.Split(split.validation, test, split.seed, split.stratify),
        scale=data.scale,
    )


def _source(loaded: LoadedSpec, text: str) -> str:
    return text if paths.is_elsewhere(text) else _absolute(loaded, text)


def _space(loaded: LoadedSpec) -> engine.ModelSpace:
    file, name = _reference(loaded.spec.space.model)
    return engine.ModelSpace(_absolute(loaded, file), name)


def _train(loaded: LoadedSpec) -> engine.Train:
    train = loaded.spec.train
    callbacks = tuple(_callback(loaded, one) for one in train.callbacks)
    return engine.Train(train.epochs, train.batch_size, _stop_early(train.stop_early), callbacks, train.time)


def _stop_early(stop: model.StopEarly | None) -> engine.StopEarly | None:
    return None if stop is None else engine.StopEarly(stop.monitor, stop.patience, stop.min_delta, stop.mode)


def _callback(loaded: LoadedSpec, entry: Callback) -> engine.Callback:
    name, options = next(iter(entry.items()))
    parts = split_reference(name)
    return engine.Callback(f"{_absolute(loaded, parts[0])}:{parts[1]}" if parts else name, options)


def _reference(text: str) -> tuple[str, str]:
    parts = split_reference(text)
    if parts is None:
        raise ValueError(f"not file.py:name: {text}")
    return parts


def _absolute(loaded: LoadedSpec, text: str) -> str:
    return str(paths.resolve(text, loaded.folder))
