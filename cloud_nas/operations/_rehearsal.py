"""The steps of a rehearsal, each an operation as a user would call it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cloud_nas.errors import CloudNasError, CredentialsError, RefusedError, UnreachableError
from cloud_nas.operations._overlap import CODE as OVERLAP
from cloud_nas.operations.status import status
from cloud_nas.operations.wait import wait
from cloud_nas.spec import LoadedSpec
from local_engine.files import read_json

if TYPE_CHECKING:
    from cloud_nas.targets.plan import Cost

Found = TypeVar("Found")

SPEED = 10.0
"""So much faster than a cloud a stand-in is looked at."""

_ATTEMPTS = 6
_PAUSE = 0.5
_LONGEST_NAP = 0.5


@dataclass
class Step:
    """An operation, how long it took in seconds, and what came of it."""

    name: str
    ok: bool = False
    seconds: float = 0.0
    told: str = ""


class Rehearsal:
    """One job at the stand-in; the cloud's clients are sent there by the environment.

    `scored_there`: only the service can run its models, so that they are evaluated and predict nothing here. `allow_overlap`:
    as for `submit`.
    """

    def __init__(
        self,
        loaded: LoadedSpec,
        on: str,
        *,
        spot: bool | None,
        scored_there: bool,
        allow_overlap: bool,
        note: Callable[[str], None],
    ) -> None:
        self.loaded, self.on, self.spot, self.note = loaded, on, spot, note
        self.scored_there, self.allow_overlap = scored_there, allow_overlap
        self.steps: list[Step] = []
        self.metrics: dict[str, float] = {}
        self.model: str | None = None

    def submit(self) -> str:
        """Submits, and does so again where the cloud refuses for a time, as a user would; gives the run's id.

        Raises:
            CloudNasError: it is refused for good.
        """
        from cloud_nas.operations.plan import plan
        from cloud_nas.operations.submit import submit

        with self._step("plan") as step:
            made = plan(self.loaded, on=self.on, spot=self.spot, wheels=False, note=lambda found: self.note(found.message))
            step.told = f"{len(made.uploads)} uploads, {len(made.losses)} losses, {_cost(made.max_cost)}"
        with self._step("submit") as step:
            for attempt in range(_ATTEMPTS):
                try:
                    run = submit(made, accept_estimate=True, allow_overlap=self.allow_overlap, note=self.note)
                    break
                except (CredentialsError, RefusedError, UnreachableError) as error:
                    if attempt == _ATTEMPTS - 1 or error.code == OVERLAP:
                        raise
                    way_out = f"; {error.hint}" if error.hint else ""
                    self.note(f"submit would exit {error.exit_status}: {error.message}{way_out}")
                    self.note("the same command again")
                    time.sleep(_PAUSE)
            for line in run.notes:
                self.note(line)
            step.told = run.id
        return run.id

    def watch(self, run_id: str) -> None:
        """Waits for the end; what cannot be asked for a time is asked again."""
        with self._step("wait") as step:
            (found,) = wait(run_id, clock=_fast, sleep=_nap, note=self.note)
            step.told = found.state if found.reason is None else f"{found.state}: {found.reason}"

    def use(self, run_id: str) -> None:
        """Looks at the run, brings its model home and lets it predict."""
        from cloud_nas.operations.logs import logs
        from cloud_nas.operations.trials import trials

        with self._step("status") as step:
            (found,) = self._again(lambda: status(run_id))
            step.told = f"{found.trials.done} done, {found.trials.failed} failed, {found.trials.pruned} pruned"
        with self._step("trials") as step:
            step.told = f"{len(self._again(lambda: trials(run_id)))} listed"
        with self._step("logs") as step:
            step.told = f"{sum(1 for _ in self._again(lambda: list(logs(run_id))))} lines"
        if found.state != "succeeded":
            return
        self._fetch(run_id)
        with self._step("evaluate" if self.scored_there else "predict") as step:
            step.told = self._evaluate(run_id) if self.scored_there else self._predict(run_id)

    def _fetch(self, run_id: str) -> None:
        from cloud_nas.operations._bringing import bring_home
        from cloud_nas.operations._runs import rows

        with self._step("fetch") as step:
            (row,) = rows(run_id)
            folder = self._again(lambda: bring_home(row, None, self.note))
            self.model = str(folder)
            measured = folder / "metrics.json"
            if measured.is_file():
                test = read_json(measured).get("test") or {}
                self.metrics = {str(key): float(value) for key, value in test.items() if isinstance(value, int | float)}
            step.told = str(folder)

    def _predict(self, run_id: str) -> str:
        from cloud_nas.operations.predict import predict

        return f"{predict(run_id, self._source()).n} rows"

    def _evaluate(self, run_id: str) -> str:
        from cloud_nas.operations.evaluate import evaluate

        found = evaluate(run_id, self._source(), accept_estimate=True, confirm=lambda plan: True, note=self.note)
        self.metrics = dict(found.metrics)
        return f"{found.n} rows"

    def _source(self) -> str:
        from cloud_nas.spec import definition_of

        return definition_of(self.loaded).data.source

    def _again(self, ask: Callable[[], Found]) -> Found:
        """Asks until the cloud answers."""
        for _ in range(_ATTEMPTS):
            try:
                return ask()
            except (CredentialsError, UnreachableError) as error:
                self.note(f"{error.message}; asking again")
                time.sleep(_PAUSE)
        return ask()

    @contextmanager
    def _step(self, name: str) -> Iterator[Step]:
        step, begun = Step(name), time.monotonic()
        self.steps.append(step)
        try:
            yield step
            step.ok = True
        except CloudNasError as error:
            step.told = error.message
            raise
        finally:
            step.seconds = round(time.monotonic() - begun, 3)
            self.note(f"{name}: {step.told}" if step.told else name)


def _fast() -> float:
    return time.monotonic() * SPEED


def _nap(seconds: float) -> None:
    time.sleep(min(seconds / SPEED, _LONGEST_NAP))


def _cost(cost: Cost | None) -> str:
    """A bound or an estimate in words."""
    if cost is None:
        return "cost not known"
    return f"{'at most' if cost.kind == 'bound' else 'about'} {cost.amount:.2f} {cost.currency}"
