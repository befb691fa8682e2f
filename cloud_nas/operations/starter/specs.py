"""The `spec.yaml` that `init --data` writes, with comments that say what can be changed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloud_nas.operations.starter.guess import Guess
from cloud_nas.operations.starter.writing import EDITOR_LINE
from cloud_nas.operations.starter.yaml import scalar

_TABULAR = """search:
  strategy: bayesian      # learns from the trials so far where to look next; or random, grid, hyperband
  seed: 1

train:
  epochs: 30              # the most that one trial trains
  batch_size: 32
  stop_early: {monitor: val_loss, patience: 5}

budget:
  trials: 30
  time: 1h
"""

_DEEP = """search:
  strategy: hyperband     # many configurations for few epochs, the best of them for longer; or random, grid, bayesian
  seed: 1

train:
  epochs: 10              # the most that one trial trains
  batch_size: 32

budget:
  time: 1h
"""


@dataclass(frozen=True)
class Plan:
    """What a spec says beside the guess: its name, its data's path as written, whether classes are spread evenly."""

    name: str
    source: str
    own_test: bool
    stratify: bool


def spec_text(guess: Guess, plan: Plan) -> str:
    """The file's text."""
    regression = guess.task == "tabular-regression"
    metric = "rmse, goal: minimize" if regression else "accuracy, goal: maximize"
    lines = [
        EDITOR_LINE,
        f"# Made by `cloud-nas init --data`, which took the data for {guess.task}.",
        "#",
        "#   cloud-nas check -v spec.yaml     finds mistakes, and shows every value with where it comes from",
        "#   cloud-nas run spec.yaml          searches, trains the best and scores it on rows that it never saw",
        "version: 1",
        f"name: {scalar(plan.name)}",
        f"task: {guess.task}",
        "",
        "data:",
        f"  source: {scalar(plan.source)}",
    ]
    lines += [f"  target: {scalar(guess.target)}"] if guess.target is not None else []
    lines += [f"  id: {scalar(guess.id)}"] if guess.id is not None else []
    lines += [_split(plan, regression), "", f"objective: {{metric: {metric}}}", "", "space:"]
    lines += ["  model: model.py:build_model   # a Keras Tuner function: yours, or the one beside this file", ""]
    return "\n".join(lines) + "\n" + (_TABULAR if guess.task.startswith("tabular") else _DEEP)


def _split(plan: Plan, regression: bool) -> str:
    values = ["validation: 0.2"]
    values += [] if plan.own_test else ["test: 0.1"]
    values += ["seed: 1"]
    values += [] if regression else [f"stratify: {scalar(plan.stratify)}"]
    why = "the source has a test part of its own" if plan.own_test else "`test` is scored once, at the end"
    return f"  split: {{{', '.join(values)}}}   # {why}"


def name_from(stem: str) -> str:
    """A spec's name made of a file's: letters, digits, `-` and `_`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:63] or "search"
