"""How often AWS is asked for lists: two a second of each operation, whatever asks; nothing else waits."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cloud_nas.targets.sagemaker.pacing import RATE, Limiter


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def limiter(time: Time, rate: float | None = None) -> Limiter:
    return Limiter(rate, clock=time.clock, sleep=time.sleep)


def test_an_operation_passes_twice_a_second() -> None:
    time = Time()
    limit = limiter(time, RATE)
    passed = []
    for _ in range(9):
        limit.wait("sagemaker", "ListTrainingJobs")
        passed.append(time.now)
    assert passed[0] == 100.0
    assert [after - before for before, after in pairwise(passed)] == pytest.approx([0.5] * 8)


def test_operations_do_not_wait_for_each_other() -> None:
    time = Time()
    limit = limiter(time, RATE)
    for operation in ("ListTrainingJobs", "ListHyperParameterTuningJobs", "ListAutoMLJobs", "Search"):
        limit.wait("sagemaker", operation)
    assert time.now == 100.0


def test_what_was_not_asked_for_a_while_passes_at_once_and_saves_nothing_up() -> None:
    time = Time()
    limit = limiter(time, RATE)
    limit.wait("sagemaker", "ListTrainingJobs")
    time.now += 60.0
    limit.wait("sagemaker", "ListTrainingJobs")
    assert time.now == 160.0
    limit.wait("sagemaker", "ListTrainingJobs")
    assert time.now == 160.5


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "ListObjectsV2"), ("s3", "ListParts"), ("service-quotas", "ListServiceQuotas"), ("sagemaker", "DescribeTrainingJob"),
     ("sagemaker", "CreateTrainingJob"), ("resourcegroupstaggingapi", "GetResources")],
)  # fmt: skip
def test_other_services_and_what_is_no_list_never_wait(service: str, operation: str) -> None:
    time = Time()
    limit = limiter(time, RATE)
    for _ in range(50):
        limit.wait(service, operation)
    assert time.now == 100.0


@pytest.mark.parametrize(("value", "seconds"), [("0", 0.0), ("0.0", 0.0), ("", 5.0), ("10", 1.0)])
def test_the_environment_sets_the_rate(value: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_AWS_RATE", value)
    time = Time()
    limit = limiter(time)
    for _ in range(11):
        limit.wait("sagemaker", "ListTrainingJobs")
    assert time.now - 100.0 == pytest.approx(seconds)
