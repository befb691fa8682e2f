"""What a machine is given to do: a training job's request, as the container sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Work:
    """One training job's work.

    Attributes:
        name: the job's.
        arn: likewise.
        region: where it runs.
        request: as CreateTrainingJob has it.
        attempt: counted from 1; a spot interruption begins the next.
    """

    name: str
    arn: str
    region: str
    request: Mapping[str, Any]
    attempt: int = 1

    @property
    def hyperparameters(self) -> Mapping[str, str]:
        """By name, all strings."""
        found: Mapping[str, str] = self.request.get("HyperParameters", {})
        return found

    @property
    def metrics(self) -> dict[str, str]:
        """The regular expression of each metric by its name."""
        return {one["Name"]: one["Regex"] for one in self.request["AlgorithmSpecification"].get("MetricDefinitions", [])}

    @property
    def output(self) -> str:
        """The folder that is the job's own."""
        return f"{self.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.name}/output/"

    @property
    def model(self) -> str:
        """Where its model goes."""
        return f"{self.output}model.tar.gz"

    @property
    def checkpoints(self) -> str | None:
        """Where its checkpoints are kept, with a slash at the end; None: nowhere."""
        config = self.request.get("CheckpointConfig")
        return None if config is None else config["S3Uri"].rstrip("/") + "/"

    def line(self, metric: str, value: float) -> str:
        """A line from which the metric's regular expression takes `value`: its own text, with the value for its group."""
        pattern = re.sub(r"\(.*\)", str(value), self.metrics[metric])
        return re.sub(r"\\(.)", r"\1", pattern)
