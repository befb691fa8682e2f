"""`wait`, `logs` and `cancel` for runs at Vertex AI, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._remote import remote_of
from cloud_nas.operations.logs import logs
from cloud_nas.operations.wait import wait

from .canned_google import CannedGoogle
from .google_answers import RUN, Known, ago, target_of, trial, tuning_job


class Course:
    """A clock that sleeping moves; each step happens when so many seconds have gone."""

    def __init__(self, steps: dict[float, Callable[[], object]]) -> None:
        self.steps, self.now = dict(steps), 0.0
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.naps.append(seconds)
        for due in [due for due in self.steps if due <= self.now]:
            self.steps.pop(due)()


def test_waiting_goes_through_every_state_and_a_new_login(canned: CannedGoogle, known: Known) -> None:
    known("engine")

    def becomes(word: str, **more: Any) -> Callable[[], object]:
        return lambda: canned.put("customJobs", 1, state=f"JOB_STATE_{word}", createTime=ago(100), **more)

    def refuses(refusal: tuple[int, str] | None) -> Callable[[], object]:
        return lambda: setattr(canned, "refuses", refusal)

    becomes("QUEUED")()
    failed = becomes("FAILED", endTime=ago(5))
    reason = becomes("FAILED", endTime=ago(5), error={"code": 8, "message": "Resources are insufficient in region: r."})
    lost, found_again = refuses((401, "Request had invalid authentication credentials.")), refuses(None)
    course = Course({100: becomes("RUNNING"), 200: lost, 400: found_again, 500: failed, 700: reason})
    told: list[str] = []
    (found,) = wait(RUN, clock=course.clock, sleep=course.sleep, chance=lambda: 0.5, note=told.append)
    assert (found.state, found.reason) == ("failed", "Resources are insufficient in region: r.")
    assert course.now > 700 and max(course.naps) == pytest.approx(60.0)
    assert len(told) == 2 and "waiting goes on" in told[0] and told[1] == "reachable again"


@pytest.mark.parametrize("kind", ["engine", "tuning", "automl"])
def test_cancelling_stops_the_job_and_may_be_repeated(kind: str, canned: CannedGoogle, known: Known) -> None:
    known(kind)
    items = {"engine": "customJobs", "tuning": "hyperparameterTuningJobs", "automl": "trainingPipelines"}[kind]
    word = "PIPELINE_STATE" if kind == "automl" else "JOB_STATE"
    name = canned.put(items, 1, state=f"{word}_RUNNING", createTime=ago(100))
    assert cn.Run(RUN).cancel().state == "stopping"
    assert canned.resources[name]["state"] == f"{word}_CANCELLING"
    assert cn.Run(RUN).cancel().state == "stopping"
    canned.put(items, 1, state=f"{word}_CANCELLED", createTime=ago(100), error={"code": 1, "message": "CANCELED"})
    (found,) = cn.status()
    assert (found.state, found.reason) == ("cancelled", "cancelled")


def test_logs_are_followed_to_the_end_and_kept(canned: CannedGoogle, known: Known) -> None:
    known("tuning")
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, 0.9), state="RUNNING"))
    canned.lines = []
    names = iter(range(9))

    def sleep(seconds: float) -> None:
        number = next(names, None)
        assert canned.lines is not None
        if number is None:
            canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, 0.9)))
        else:
            canned.lines.insert(0, line(number, 50, f"epoch {number}"))

    followed = [one.text for one in logs(RUN, follow=True, sleep=sleep)]
    assert followed == [f"epoch {number}" for number in range(9)]
    assert [one.text for one in logs(RUN)] == followed
    asked = len(canned.asked)
    assert [one.trial for one in logs(RUN)] == [0] * 9 and len(canned.asked) == asked


def test_the_last_words_of_a_failed_trial_are_shown(canned: CannedGoogle, known: Known, screen: Any) -> None:
    known("tuning")
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, None, infeasibleReason="it broke"), state="SUCCEEDED"))
    canned.lines = [line(1, 50, "Traceback: no room on the GPU")]
    shown = screen("wait", RUN)
    assert shown.status == 1 and "it broke" in shown.stderr and "no room on the GPU" in shown.stderr


def test_who_may_not_read_logs_is_told_which_permission(canned: CannedGoogle, known: Known, screen: Any) -> None:
    known("engine")
    canned.put("customJobs", 1, state="JOB_STATE_RUNNING", createTime=ago(100))
    cn.status()
    canned.refuses_logs = True
    shown = screen("logs", RUN)
    assert shown.status == 4 and "logging.logEntries.list" in shown.stderr


def test_automl_says_that_it_has_no_log(canned: CannedGoogle, known: Known, screen: Any) -> None:
    known("automl")
    canned.put("trainingPipelines", 1, state="PIPELINE_STATE_RUNNING", createTime=ago(100))
    shown = screen("logs", RUN)
    assert shown.status == 0 and "AutoML tells no log" in shown.stderr


def line(number: int, job: int, text: str, **more: Any) -> dict[str, Any]:
    resource = {"type": "ml_job", "labels": {"job_id": str(job), "task_name": "workerpool0-0"}}
    return {"insertId": f"i{number}", "timestamp": ago(100 - number), "resource": resource, "textPayload": text, **more}


def test_logs_are_read_by_job_and_trial_and_read_on(canned: CannedGoogle, known: Known) -> None:
    row = known("tuning")
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, 0.9), trial(1, 0.5), state="RUNNING"))
    target, remote = target_of(row), remote_of(row)
    label = {"labels": {"ml.googleapis.com/trial_id": "2"}}
    canned.lines = [
        line(3, 50, "of the first\n"),
        line(1, 1, "of the job"),
        line(2, 1, "of the second", **label),
        line(4, 99, "not ours"),
    ]
    page = target.logs(remote)
    assert [(one.text, one.trial) for one in page.lines] == [("of the job", None), ("of the second", 1), ("of the first", 0)]
    late = line(5, 51, "", jsonPayload={"message": "late", "severity": "INFO"})
    del late["textPayload"]
    canned.lines += [late | {"timestamp": canned.lines[0]["timestamp"]}]
    following = target.logs(remote, after=page.next)
    assert [(one.text, one.trial) for one in following.lines] == [("late", 1)]
    assert target.logs(remote, after=following.next).lines == ()
    assert [one.text for one in target.logs(remote, trial=1).lines] == ["of the second", "late"]


def test_a_server_without_logs_is_a_note_and_nothing_is_made_up(canned: CannedGoogle, known: Known, screen: Any) -> None:
    known("engine")
    canned.put("customJobs", 1, state="JOB_STATE_RUNNING", createTime=ago(100))
    canned.lines = None
    shown = screen("logs", RUN)
    assert (shown.status, shown.stdout) == (0, "") and "keeps no logs" in shown.stderr
