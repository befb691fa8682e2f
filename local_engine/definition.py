"""What to search: a frozen value, to and from JSON; the spec compiles to it, containers, clusters and manifests carry it.

Everything in it is resolved: paths are absolute, defaults are filled in, durations are seconds. It holds no code and no data,
only where they are. `SCHEMA` grows by one whenever an older reader would misread a newer definition; this one reads all older.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from local_engine.errors import EngineError

SCHEMA = 2

Value = str | int | float | bool
"""What a hyperparameter's value can be."""

Task = Literal["image-classification", "tabular-classification", "tabular-regression", "text-classification"]
Goal = Literal["maximize", "minimize"]
Scale = Literal["unit", "none"]


@dataclass(frozen=True)
class Split:
    """How rows are divided. Shares are of all rows of the source (of its training part, where it has a test part of its own).

    `test` is a share in [0, 1), or the path of a file whose rows are the test part; None: the source's own test part is taken.
    """

    validation: float = 0.2
    test: float | str | None = 0.1
    seed: int = 1
    stratify: bool = True


@dataclass(frozen=True)
class Data:
    """Where rows come from: an absolute path, `builtin:NAME`, or a URI already staged to a path."""

    source: str
    target: str | None = None
    id: str | None = None
    split: Split = field(default_factory=Split)
    scale: Scale = "unit"


@dataclass(frozen=True)
class Objective:
    """`metric` as the spec has it, without `val_`; it is measured on the validation part."""

    metric: str
    goal: Goal


@dataclass(frozen=True)
class ModelSpace:
    """A Keras Tuner function: `name` in the Python file `file` (absolute; None for a function handed over in the process)."""

    file: str | None
    name: str


@dataclass(frozen=True)
class Prior:
    """What a trial of another study came to: its params, and the objective, a finite number."""

    params: Mapping[str, Value]
    value: float


@dataclass(frozen=True)
class Search:
    """`options` are the strategy's own, as under `search:` in the spec; `prior` is what it learns from before its first trial."""

    strategy: str
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    prior: tuple[Prior, ...] = ()


@dataclass(frozen=True)
class StopEarly:
    """Ends a trial when `monitor` has not got better by more than `min_delta` for `patience` epochs."""

    monitor: str = "val_loss"
    patience: int = 5
    min_delta: float = 0.0
    mode: Literal["auto", "min", "max"] = "auto"


@dataclass(frozen=True)
class Callback:
    """A Keras callback: a class of `keras.callbacks`, or `file.py:Class` beside the model's file, and its keyword arguments."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Train:
    """How one candidate is trained.

    `epochs` is the most a trial trains (hyperband's max_epochs); `seconds` the longest that it may train in one turn.
    """

    epochs: int = 10
    batch_size: int = 32
    stop_early: StopEarly | None = None
    callbacks: tuple[Callback, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class Final:
    """How the best is made: retrained on both parts, or kept as it was; and how many trials' files stay."""

    fit: Literal["train+validation", "keep"] = "train+validation"
    keep: Literal["best", "all"] | int = "best"


@dataclass(frozen=True)
class Budget:
    """Caps; None is no cap. `trials` counts configurations, `epochs` those of all trials together, `seconds` the search."""

    trials: int | None = None
    epochs: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Code:
    """The user's code: `root` is the folder that the model's file imports from; `include` is relative to it."""

    root: str | None = None
    include: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """One search, whole."""

    name: str
    task: Task
    data: Data
    objective: Objective
    space: ModelSpace
    search: Search
    train: Train = field(default_factory=Train)
    final: Final = field(default_factory=Final)
    budget: Budget = field(default_factory=Budget)
    code: Code = field(default_factory=Code)

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the schema number first."""
        return {"schema": SCHEMA, **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Definition:
        """The definition that `to_json` wrote.

        Raises:
            EngineError: it is of a newer schema, or not a definition.
        """
        schema = value.get("schema")
        if not isinstance(schema, int) or schema > SCHEMA:
            raise EngineError(
                f"this definition has schema {schema!r}; this version reads up to {SCHEMA}",
                hint="use the version of cloud-nas that wrote it, or a newer one",
            )
        return typing.cast(Definition, _build(cls, {key: item for key, item in value.items() if key != "schema"}))

    def sha256(self) -> str:
        """The sha256 of the canonical JSON, as hexadecimal."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _build(kind: Any, value: Any) -> Any:
    """Rebuilds a dataclass, tuple or plain value of the annotated `kind` from JSON."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        if value is None:
            return None
        kinds = [option for option in typing.get_args(kind) if option is not type(None)]
        return _build(kinds[0], value) if len(kinds) == 1 else value
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        unknown = set(value) - set(hints)
        if unknown:
            raise EngineError(f"not a definition: {kind.__name__} has no {', '.join(sorted(unknown))}")
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if typing.get_origin(kind) is tuple:
        return tuple(_build(typing.get_args(kind)[0], item) for item in value)
    return value
