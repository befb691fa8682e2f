"""`wait`, `logs --follow` and `cancel` for runs in a cloud, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.operations.wait import wait
from cloud_nas.rehearse.aws import Script
from cloud_nas.targets import find
from cloud_nas.targets.remote import Remote

Submitted = Callable[..., Any]

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


class Time:
    """A clock that sleeping moves, at the stand-in too; `at` are things that happen when so many seconds have gone."""

    def __init__(self, cloud: StandIn, at: dict[float, Callable[[], None]] | None = None) -> None:
        self.cloud, self.at = cloud, dict(at or {})
        self.now = 0.0
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.naps.append(seconds)
        self.cloud.advance(seconds)
        for due in [due for due in self.at if due <= self.now]:
            self.at.pop(due)()


def test_waiting_asks_more_seldom_the_longer_it_takes(submit: Submitted, make_cloud: Callable[..., StandIn]) -> None:
    cloud = make_cloud(run_jobs=False, script=Script(starting=1200.0))
    submit(cloud, "engine", "r-7k2xq")
    time = Time(cloud)
    (found,) = wait("r-7k2xq", clock=time.clock, sleep=time.sleep, chance=lambda: 0.5)
    assert found.state == "succeeded"
    assert time.naps[0] == pytest.approx(5.0) and max(time.naps) == pytest.approx(60.0)
    assert len(cloud.asked("DescribeTrainingJob")) <= len(time.naps) + 1 < 40


def test_waiting_goes_on_after_a_new_login(submitted: Submitted, cloud: StandIn) -> None:
    submitted("engine")
    told: list[str] = []
    time = Time(cloud, {10.0: cloud.expire, 60.0: cloud.renew})
    (found,) = wait("r-7k2xq", clock=time.clock, sleep=time.sleep, note=told.append)
    assert found.state == "succeeded" and found.trouble is None
    assert len(told) == 2 and "waiting goes on" in told[0] and told[1] == "reachable again"


def test_a_timeout_without_a_login_exits_4(submitted: Submitted, cloud: StandIn, screen: Any) -> None:
    submitted("engine")
    cloud.expire()
    shown = screen("wait", "r-7k2xq", "--timeout", "0")
    assert shown.status == 4 and "expired" in shown.stderr


def test_ctrl_c_leaves_the_job_alone_and_says_how_to_end_it(
    submitted: Submitted, cloud: StandIn, screen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted("engine")

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cloud_nas.operations._polling.Looks.look", interrupted)
    shown = screen("wait", "r-7k2xq")
    assert shown.status == 130 and "cloud-nas cancel r-7k2xq" in shown.stderr
    assert not cloud.asked("StopTrainingJob")


@pytest.mark.parametrize("kind", ["tuning", "engine", "autopilot"])
def test_cancelling_stops_the_job_and_may_be_repeated(kind: str, submitted: Submitted, cloud: StandIn) -> None:
    submitted(kind)
    cloud.advance(90)
    run = cn.Run("r-7k2xq")
    assert run.cancel().state in ("stopping", "cancelled")
    assert run.cancel().state in ("stopping", "cancelled")
    cloud.settle()
    found = run.status()
    assert (found.state, found.reason) == ("cancelled", "cancelled")
    assert run.cancel().had_ended


def test_what_cannot_be_cancelled_now_stays_as_it_is(submitted: Submitted, cloud: StandIn, screen: Any) -> None:
    submitted("engine")
    cloud.expire()
    assert screen("cancel", "r-7k2xq").status == 4
    cloud.renew()
    assert cn.status()[0].state == "running"


def test_logs_follow_streams_as_they_come(submitted: Submitted, cloud: StandIn) -> None:
    submitted("tuning")
    assert list(cn.Run("r-7k2xq").logs()) == []
    from cloud_nas.operations.logs import logs

    followed = list(logs("r-7k2xq", follow=True, sleep=lambda seconds: cloud.advance(300)))
    whole = list(logs("r-7k2xq"))
    assert sorted(map(repr, followed)) == sorted(map(repr, whole)) and whole
    assert {one.trial for one in whole} == {trial.number for trial in cn.trials("r-7k2xq") if trial.seconds is not None}
    second = [one for one in whole if one.trial == 1]
    assert list(logs("r-7k2xq", trial=1)) == second
    asked = len(cloud.requests)
    assert list(logs("r-7k2xq")) == whole and len(cloud.requests) == asked  # kept once the run has ended


def test_a_page_goes_on_where_the_last_one_ended(submitted: Submitted, cloud: StandIn) -> None:
    row = submitted("tuning")
    target: Any = find("sagemaker:tuning")
    remote = Remote(row.run_id, 1, "r-7k2xq-1", "nonce", row.place)
    assert target.logs(remote).lines == ()
    cloud.advance(85)
    first = target.logs(remote, trial=0)
    again = target.logs(remote, trial=0, after=first.next)
    assert first.lines and again.lines == ()
    cloud.settle()
    rest = target.logs(remote, trial=0, after=again.next)
    assert rest.lines and first.lines + rest.lines == target.logs(remote, trial=0).lines


@pytest.mark.parametrize("trial", [None, 1])
def test_a_tuning_jobs_model_is_downloaded_as_it_is(
    trial: int | None, submitted: Submitted, cloud: StandIn, tmp_path: Path
) -> None:
    row = submitted("tuning")
    target: Any = find("sagemaker:tuning")
    remote = Remote(row.run_id, 1, "r-7k2xq-1", "nonce", row.place)
    with pytest.raises(cn.FailedError, match="no model yet"):
        target.bring(remote, tmp_path)
    cloud.settle()
    brought = target.bring(remote, tmp_path / "in", trial=trial)
    best = cn.status()[0].best
    assert best is not None and brought.trial == (best.trial if trial is None else trial)
    (archive,) = brought.archives
    trials = {one.number: one for one in cn.trials("r-7k2xq")}
    assert brought.metrics["accuracy"] == pytest.approx(trials[brought.trial].value)
    assert archive.stat().st_mode & 0o777 == 0o600 and archive.read_bytes()[:2] == b"\x1f\x8b"
    with pytest.raises(cn.NotFoundError, match="no trial 99"):
        target.bring(remote, tmp_path, trial=99)


def test_an_autopilots_candidate_comes_with_the_table(submitted: Submitted, cloud: StandIn, tmp_path: Path) -> None:
    row = submitted("autopilot")
    cloud.settle()
    target: Any = find("sagemaker:autopilot")
    brought = target.bring(Remote(row.run_id, 1, "r-7k2xq-1", "nonce", row.place), tmp_path)
    assert brought.kind == "candidate" and brought.archives and brought.image
    values = [one["value"] for one in brought.candidates]
    assert values == sorted(values, reverse=True) and brought.candidates[0]["number"] == brought.trial


def test_what_is_too_large_is_not_downloaded(
    submitted: Submitted, cloud: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = submitted("tuning")
    cloud.settle()
    monkeypatch.setattr("cloud_nas.targets.sagemaker.objects.LARGEST", 10)
    target: Any = find("sagemaker:tuning")
    with pytest.raises(cn.FailedError, match="are not downloaded"):
        target.bring(Remote(row.run_id, 1, "r-7k2xq-1", "nonce", row.place), tmp_path / "in")
    assert list((tmp_path / "in").iterdir()) == []
