"""Where a container has what: the folders, as SageMaker lays them out and as we do elsewhere, and what is known of the job."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from local_engine import files
from local_engine.definition import Definition
from local_engine.errors import EngineError

ROOT = "/opt/ml"
SCHEMA = 1
MARGIN, SHARE, MOST = 120.0, 0.05, 0.25


@dataclass(frozen=True)
class Base:
    """The container's folders.

    Attributes:
        root: `/opt/ml`, or a folder of this start alone.
        job: the training job's name; checkpoints are kept apart by it, since several jobs may share their place.
        code: the folder of our package: `train.py`, `job.json`, `definition.json`, the engine, the user's files.
    """

    root: Path
    job: str
    code: Path

    @classmethod
    def here(cls) -> Base:
        """On SageMaker: `SAGEMAKER_BASE_DIR` (as AWS's own toolkit reads it) or `/opt/ml`; the code is where `train.py` is."""
        root = Path(os.environ.get("SAGEMAKER_BASE_DIR", ROOT))
        return cls(root, os.environ.get("TRAINING_JOB_NAME") or "job", Path(sys.argv[0]).resolve().parent)

    @property
    def rows(self) -> Path:
        """The bundle of rows, read-only."""
        return self.root / "input" / "data" / "rows"

    @property
    def wheels(self) -> Path:
        """Packages that the image lacks, as wheels; may not be there."""
        return self.root / "input" / "data" / "code" / "wheels"

    @property
    def model(self) -> Path:
        """What becomes `model.tar.gz`."""
        return self.root / "model"

    @property
    def output(self) -> Path:
        """What becomes `output.tar.gz`."""
        return self.root / "output" / "data"

    @property
    def failure(self) -> Path:
        """The file whose beginning is the job's FailureReason on SageMaker."""
        return self.root / "output" / "failure"

    @property
    def checkpoints(self) -> Path:
        """What is copied to the bucket while the job runs, and back when it is started again; this job's own part of it."""
        return self.root / "checkpoints" / self.job

    @property
    def staging(self) -> Path:
        """For what is being made; beside the model, so that it can be renamed into it."""
        return self.root / ".making"

    def hyperparameters(self) -> dict[str, str]:
        """What the service sent, as it sent it: every value is text."""
        sent: dict[str, str] = files.read_json(self.root / "input" / "config" / "hyperparameters.json")
        return sent


def definition_in(code: Path) -> Definition:
    """The package's definition. Its paths are relative to the package; its callbacks are found from the code's root.

    Raises:
        EngineError: a newer version wrote it.
    """
    definition = Definition.from_json(files.read_json(code / "definition.json"))
    root = f"{definition.code.root}/"
    callbacks = tuple(replace(one, name=one.name.removeprefix(root)) for one in definition.train.callbacks)
    return replace(definition, train=replace(definition.train, callbacks=callbacks))


@dataclass(frozen=True)
class Order:
    """What `job.json` says of the job.

    Attributes:
        kind: one candidate, or the whole search.
        max_runtime: seconds after which the service ends the job.
        fingerprint: of the data.
        wheels: names of the wheel files that travel along.
        hashes: the sha256 of each of them, where the container itself fetches them.
    """

    kind: Literal["trial", "engine"]
    max_runtime: float
    fingerprint: str
    wheels: tuple[str, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, code: Path) -> Order:
        """The order in the package.

        Raises:
            EngineError: there is none, or a newer version wrote it.
        """
        try:
            value: Mapping[str, Any] = files.read_json(code / "job.json")
        except (OSError, ValueError) as error:
            raise EngineError(f"the package's job.json cannot be read: {error}", where=str(code)) from error
        if value.get("schema") != SCHEMA:
            raise EngineError(f"the package's job.json has schema {value.get('schema')!r}; this engine reads {SCHEMA}")
        wheels, hashes = tuple(value.get("wheels", ())), dict(value.get("hashes", {}))
        return cls(value["kind"], float(value["max_runtime"]), str(value["fingerprint"]), wheels, hashes)

    @property
    def seconds(self) -> float:
        """How long the job works by its own choice: what it may, less two minutes or 5 %, less than that where it may but little.

        The service gives no warning, so what is to be saved has to be saved before.
        """
        return self.max_runtime - min(max(MARGIN, SHARE * self.max_runtime), MOST * self.max_runtime)
