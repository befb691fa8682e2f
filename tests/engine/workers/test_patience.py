"""When a turn that says nothing is ended, on a clock of the test's own; and when a worker has grown too much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local_engine.workers.growth import SETTLED, Growth
from local_engine.workers.patience import FIRST_EPOCH, HURRY, LEAST, Patience


def test_a_turn_without_a_limit_is_never_late() -> None:
    assert not Patience(None, began=0.0).exceeded(1e9)


@given(limit=st.floats(0.1, 100), epochs=st.lists(st.floats(0.01, 50), min_size=1, max_size=6))
def test_a_turn_over_its_limit_is_given_one_epoch_more(limit: float, epochs: list[float]) -> None:
    patience, now = Patience(limit, began=0.0), 0.0
    for seconds in epochs:
        now += seconds
        patience.epoch(now)
    grace = max(*epochs, LEAST)
    assert not patience.exceeded(limit + 0.9 * grace)
    assert patience.exceeded(limit + grace * 1.001 + 1e-3)


def test_a_hang_in_the_first_epoch_is_ended_soon_after_the_limit() -> None:
    assert Patience(2.0, began=10.0).exceeded(12.0 + LEAST + 0.1)


def test_when_the_search_is_over_an_epoch_may_end() -> None:
    patience = Patience(None, began=0.0)
    assert not patience.exhausted(59.0, asked=0.0, hurry=False)
    assert patience.exhausted(FIRST_EPOCH + 1, asked=0.0, hurry=False)
    patience.epoch(4.0)
    assert not patience.exhausted(20.9, asked=10.0, hurry=False)
    assert patience.exhausted(21.1, asked=10.0, hurry=False)


def test_a_model_that_is_being_saved_is_not_late() -> None:
    patience = Patience(2.0, began=0.0)
    patience.epoch(1.9)
    patience.saving = True
    assert not patience.exceeded(50.0)
    assert not patience.exhausted(50.0, asked=2.0, hurry=False)
    assert patience.exhausted(50.0, asked=2.0, hurry=True)


def test_somebody_who_cancels_does_not_wait_for_a_long_epoch() -> None:
    patience = Patience(None, began=0.0)
    patience.epoch(100.0)
    assert patience.exhausted(200.0 + HURRY + 0.1, asked=200.0, hurry=True)


def test_a_worker_that_keeps_what_it_should_not_is_replaced() -> None:
    growth, memory = Growth(), 700_000_000
    assert not any(growth.is_too_much(memory) for _ in range(SETTLED))
    turns = 0
    while not growth.is_too_much(memory := memory + 2_000_000):
        turns += 1
        assert turns < 100
    assert memory < 770_000_000


def test_a_worker_whose_memory_is_steady_or_not_known_stays() -> None:
    steady, unknown = Growth(), Growth()
    assert not any(steady.is_too_much(700_000_000 + turn % 7 * 5_000_000) for turn in range(300))
    assert not any(unknown.is_too_much(0) for _ in range(300))
