"""The spec that `init --from` writes, as text."""

from __future__ import annotations

from dataclasses import dataclass

from cloud_nas.operations.starter.script_parts import DataPart, ObjectivePart, Said, SearchPart, TrainPart
from cloud_nas.operations.starter.writing import EDITOR_LINE
from cloud_nas.operations.starter.yaml import flow, scalar


@dataclass(frozen=True)
class ScriptSpec:
    """All parts of one spec; `model` and `source` as the spec writes them."""

    name: str
    model: str
    source: str
    data: DataPart
    objective: ObjectivePart
    search: SearchPart
    train: TrainPart


def script_text(spec: ScriptSpec, said: Said) -> str:
    """The file's text; what cannot be carried stands in its first lines."""
    lines = [EDITOR_LINE, f"# Made by `cloud-nas init --from {said.script}`, which ran it as far as `search`."]
    lines += ["#", *(f"# {text}" for text in said.lost)] if said.lost else []
    lines += ["version: 1", f"name: {scalar(spec.name)}", f"task: {spec.data.task}", "", *_data(spec), ""]
    lines += [f"objective: {flow({'metric': spec.objective.metric, 'goal': spec.objective.goal})}", ""]
    lines += ["space:", f"  model: {scalar(spec.model)}", "", *_search(spec.search)]
    train = _train(spec)
    lines += ["", *train] if train else []
    lines += ["", f"budget: {flow({'trials': spec.search.trials})}"] if spec.search.trials is not None else []
    return "\n".join(lines) + "\n"


def _data(spec: ScriptSpec) -> list[str]:
    split = {"validation": spec.data.validation, "test": spec.data.test, "seed": 1, "stratify": spec.data.stratify}
    return [
        "data:",
        f"  source: {scalar(spec.source)}",
        f"  split: {flow(split)}",
        "  scale: none           # the script has scaled them, or its model does",
    ]


def _search(search: SearchPart) -> list[str]:
    lines = ["search:", f"  strategy: {search.strategy}"]
    lines += [f"  {name}: {flow(value)}" for name, value in search.options.items()]
    return [*lines, f"  seed: {search.seed}"]


def _train(spec: ScriptSpec) -> list[str]:
    train = spec.train
    lines = [f"  epochs: {spec.search.epochs}"] if spec.search.epochs is not None else []
    lines += [f"  batch_size: {train.batch_size}"] if train.batch_size is not None else []
    lines += [f"  stop_early: {flow(train.stop_early)}"] if train.stop_early is not None else []
    lines += [f"  callbacks: {flow(train.callbacks)}"] if train.callbacks else []
    return ["train:", *lines] if lines else []
