"""`trials`: every configuration of a run and what became of it, from the study itself or from the cloud that has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from cloud_nas.operations._engine import in_our_words, require_engine
from cloud_nas.operations._remote import is_remote
from cloud_nas.operations._remote_trials import remote_trials
from cloud_nas.operations._runs import folder_of, rows
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Trial, TrialCounts

__all__ = ["STUDY", "Trial", "Trials", "trials", "trials_in", "trials_of"]

STUDY = "study.sqlite3"


class Trials(Sequence[Trial]):
    """The trials of a run, by number; and how many ended how: `done`, `failed`, `pruned`, of `total` (None: not known before)."""

    def __init__(self, trials: Sequence[Trial], counts: TrialCounts) -> None:
        self._trials = tuple(trials)
        self.counts = counts
        self.done, self.failed, self.pruned, self.total = counts.done, counts.failed, counts.pruned, counts.total

    @overload
    def __getitem__(self, index: int) -> Trial: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Trial]: ...

    def __getitem__(self, index: int | slice) -> Trial | Sequence[Trial]:
        return self._trials[index]

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def __repr__(self) -> str:
        return f"Trials(done={self.done}, failed={self.failed}, pruned={self.pruned}, total={self.total})"


def trials(run_id: str) -> list[Trial]:
    """The trials of a run, by number; those that are still running too.

    Raises:
        NotFoundError: there is no such run.
        MissingExtraError: the extra `local` is not installed, which reads the study.
    """
    (row,) = rows(run_id)
    return trials_of(row)


def trials_of(row: RunRow) -> list[Trial]:
    """The trials of a run, by number; asked for at its cloud where its study is not on this machine.

    Raises:
        CredentialsError, UnreachableError: the cloud cannot be asked.
        MissingExtraError: the extra `local` is not installed, which reads the study.
    """
    folder = folder_of(row)
    if not is_remote(row) or (folder / STUDY).is_file():
        return trials_in(folder)
    return remote_trials(row)


def trials_in(folder: Path) -> list[Trial]:
    """The trials of the study in a run's folder; none where it has not begun."""
    if not (folder / STUDY).is_file():
        return []
    require_engine()
    with in_our_words():
        from local_engine.study import Study

        with Study.open(folder / STUDY) as study:
            return [
                Trial(one.number, one.state, one.value, dict(one.params), one.epochs, one.seconds, one.reason)
                for one in study.trials
            ]
