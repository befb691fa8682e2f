"""A trial's learning curve on disk: one JSON line an epoch, appended as it ends, read back when the trial goes on."""

from __future__ import annotations

from pathlib import Path

from local_engine import files
from local_engine.definition import Goal

EpochMetrics = dict[str, float]


class Curve:
    """The epochs of one trial, in order, in memory and in `curve.jsonl`.

    Epochs that a resumed trial trains again (those behind its last checkpoint) are the same numbers; they are not written twice.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "curve.jsonl"
        self._written = {int(row["epoch"]): dict(row) for row in files.read_json_lines(self._path)}
        self._epochs: list[tuple[EpochMetrics, float | None]] = []

    @property
    def epochs(self) -> int:
        """How many epochs the trial has trained."""
        return len(self._epochs)

    @property
    def values(self) -> list[float | None]:
        """The objective after each epoch."""
        return [value for _, value in self._epochs]

    def go_back_to(self, epoch: int) -> int:
        """Takes up the written epochs 1..`epoch`, the later ones being trained again; gives how many there were."""
        self._epochs = []
        for number in range(1, epoch + 1):
            if number not in self._written:
                break
            row = dict(self._written[number])
            value = row.pop("value", None)
            self._epochs.append(({name: item for name, item in row.items() if name != "epoch"}, value))
        return len(self._epochs)

    def add(self, metrics: EpochMetrics, value: float | None) -> int:
        """Appends the next epoch; gives its number, from 1."""
        self._epochs.append((dict(metrics), value))
        number = len(self._epochs)
        if number not in self._written:
            row = {"epoch": number, **metrics, "value": value}
            files.append_json_line(self._path, row)
            self._written[number] = row
        return number

    def metrics(self, epoch: int) -> EpochMetrics:
        """What was measured in `epoch`, from 1."""
        return dict(self._epochs[epoch - 1][0])

    def series(self, name: str) -> list[float | None]:
        """One metric over the epochs; None where an epoch lacks it."""
        return [metrics.get(name) for metrics, _ in self._epochs]

    def best_epoch(self, goal: Goal) -> int | None:
        """The first epoch, from 1, with the best objective; None where no epoch has one."""
        known = [(value, number) for number, value in enumerate(self.values, 1) if value is not None]
        if not known:
            return None
        return min(known, key=lambda item: (-item[0] if goal == "maximize" else item[0], item[1]))[1]

    def to_json(self) -> list[dict[str, float | int | None]]:
        """The epochs as `metrics.json` has them."""
        return [{"epoch": number, **metrics} for number, (metrics, _) in enumerate(self._epochs, 1)]
