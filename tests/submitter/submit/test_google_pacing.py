"""How often Google is asked: so many reads and so many submissions a minute by project and region, some of them at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.targets.pacing import Pace

from .test_pacing import Time


@given(
    rate=st.sampled_from([0.5, 1.0, 10.0]),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 30), min_size=1, max_size=60),
)
def test_no_window_of_time_has_more_than_the_rate_and_the_burst(rate: float, burst: int, pauses: list[float]) -> None:
    time = Time()
    pace = Pace(clock=time.clock, sleep=time.sleep)
    passed = []
    for pause in pauses:
        time.now += pause
        pace.wait("kind", rate, burst=burst)
        passed.append(time.now)
    for first, began in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + (passed[last] - began) * rate + 1e-6


def test_a_burst_passes_at_once_and_then_the_rate_counts() -> None:
    time = Time()
    pace = Pace(clock=time.clock, sleep=time.sleep)
    for _ in range(10):
        pace.wait("submissions", 1.0, burst=10)
    assert time.now == 100.0
    for _ in range(5):
        pace.wait("submissions", 1.0, burst=10)
    assert time.now == pytest.approx(105.0)
    pace.wait("reads", 10.0, burst=10)
    assert time.now == pytest.approx(105.0)


def test_a_rate_of_nothing_is_no_limit() -> None:
    time = Time()
    pace = Pace(clock=time.clock, sleep=time.sleep)
    for _ in range(1000):
        pace.wait("reads", 0.0)
    assert time.now == 100.0
