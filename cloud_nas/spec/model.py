"""The spec's types, defaults and words: what validation, `check -v` and the JSON Schema are all made from.

Nothing is converted in silence: `"10"` is text and not a number, `yes` is text and not true. Unknown keys are errors, but under
`search`, where they are the strategy's own options and `checks` holds them against the strategy's table.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from cloud_nas.spec.fields import (
    NAME_PATTERN,
    Callback,
    HeldOut,
    Keep,
    Money,
    Patience,
    Positive,
    RunId,
    Seconds,
    Seed,
    Version,
    whole,
)
from cloud_nas.spec.places import Targets
from cloud_nas.spec.section import Section, Text
from local_engine.definition import Goal, Scale, Task


class Split(Section):
    """How the rows are divided into the part that trains, the part that chooses, and the part that is held out."""

    validation: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """The share of rows that candidates are measured on, more than 0 and less than 1."""
    test: HeldOut = None
    """The share of rows held out for the final score (0: none), or a file of them. Default 0.1, or the source's own test part."""
    seed: Seed = 1
    """Which rows go where: the same seed, the same division."""
    stratify: bool = True
    """Keep each class's share the same in every part."""


class Data(Section):
    """The rows: where they are and what is asked of them."""

    source: Text
    """A file or folder, relative to this file: csv, parquet, npz, idx, a folder of image classes, TFRecord; or builtin:digits."""
    target: Text | None = None
    """The column to predict, for tables."""
    id: Text | None = None
    """The column that names rows, for tables; without one, their position in the source."""
    split: Split = Field(default_factory=Split)
    """How the rows are divided."""
    scale: Scale = "unit"
    """unit: integer pixels over their type's maximum, floats as they are. none: as stored."""


class Objective(Section):
    """What makes one candidate better than another; measured on the validation part."""

    metric: Text | None = None
    """A metric's name. Default accuracy for classification, rmse for regression. A metric of the model's own needs `goal` too."""
    goal: Goal | None = None
    """Whether more is better. Default: as the metric has it."""


class Space(Section):
    """What is searched: exactly one kind of space."""

    model: Text
    """file.py:name, a Keras Tuner function, HyperModel class or instance; it may return a scikit-learn estimator."""


class Search(Section):
    """How the space is searched: the strategy, its seed, and the strategy's own options beside them."""

    model_config = ConfigDict(extra="allow")

    strategy: Text = "random"
    """Which strategy proposes candidates. Default random, which serves any model; hyperband needs one that trains by epochs."""
    seed: Seed = 0
    """The same seed, the same candidates and the same numbers."""
    warm_start: RunId = None
    """A run whose trials the strategy learns from before its first one; bayesian only. They count to no cap."""

    @model_validator(mode="before")
    @classmethod
    def _whole_options(cls, value: Any) -> Any:
        """`10.0` is a whole number for an option too; an option that takes any number takes a whole one."""
        return {name: whole(item) for name, item in value.items()} if isinstance(value, dict) else value


class StopEarly(Section):
    """Ends a trial that has stopped getting better."""

    monitor: Text = "val_loss"
    """What is watched: val_loss, loss, or a metric, with val_ before it for the validation part."""
    patience: Patience = 5
    """For how many epochs it may fail to get better."""
    min_delta: Annotated[float, Field(ge=0)] = 0.0
    """How much better counts as better."""
    mode: Literal["auto", "min", "max"] = "auto"
    """Whether less (min) or more (max) is better; auto: as the name has it."""


class Train(Section):
    """How one candidate is trained."""

    epochs: Positive = 10
    """The most epochs that a candidate is trained; hyperband's max_epochs."""
    batch_size: Positive = 32
    """Rows in one step of the optimizer."""
    stop_early: StopEarly | None = None
    """End a trial that has stopped getting better. Default: not; `{}` watches val_loss with a patience of 5 epochs."""
    time: Seconds = None
    """The longest that one trial may train in one turn, as budget.time: it is ended there as pruned, with what it reached."""
    callbacks: list[Callback] = Field(default_factory=list)
    """Keras callbacks: `Name`, `{Name: {option: value}}`, or `file.py:Class` for one of your own."""


class Final(Section):
    """How the best model is made once the search has ended."""

    fit: Literal["train+validation", "keep"] = "train+validation"
    """Train it again on both parts for as many epochs as were best, or keep it as the search left it."""
    keep: Keep = "best"
    """Whose files stay: best, all, or how many trials."""


class Budget(Section):
    """Where the search ends, whichever comes first. Without one hyperband and grid make one pass, the others 30 trials."""

    trials: Positive | None = None
    """The most configurations."""
    epochs: Positive | None = None
    """The most epochs, of all trials together."""
    time: Seconds = None
    """The longest that the search may take: 2h, 45m, 90s, 1h30m, or seconds."""
    cost: Money = None
    """The most that a job in a cloud may cost, such as 20 USD; what `--max-cost` is without the flag."""


class Code(Section):
    """What travels beside the model's file and the modules it imports from this folder."""

    include: list[Text] = Field(default_factory=list)
    """More files or folders, relative to this file."""
    requirements: list[Text] = Field(default_factory=list)
    """Packages that the code needs beside the engine's own, as pip writes them."""


class Spec(Section):
    """What to search, in what data, for how long."""

    version: Version = 1
    """The version of this file's form."""
    name: Annotated[str, Field(pattern=NAME_PATTERN)] | None = None
    """Letters, digits, - and _, up to 63. Default: this file's name."""
    task: Task
    """What is learnt."""
    data: Data
    """The rows: where they are and what is asked of them."""
    objective: Objective = Field(default_factory=Objective)
    """What makes one candidate better than another."""
    space: Space
    """What is searched: exactly one kind of space."""
    search: Search = Field(default_factory=Search)
    """How it is searched."""
    train: Train = Field(default_factory=Train)
    """How one candidate is trained."""
    final: Final = Field(default_factory=Final)
    """How the best model is made."""
    budget: Budget = Field(default_factory=Budget)
    """Where the search ends."""
    code: Code = Field(default_factory=Code)
    """What travels beside the model's file."""
    targets: Targets = Field(default_factory=Targets)
    """Where it can run beside this machine, and how there."""
