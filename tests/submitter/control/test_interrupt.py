"""How the process that searches is told to end: Ctrl-C once and twice, a supervisor's SIGTERM, a cancel."""

from __future__ import annotations

import signal
import time

import pytest

from cloud_nas.operations._interrupt import CancelledNow, Stop, interruptible
from local_engine.events import FinalStarted


def test_the_first_ctrl_c_asks_and_the_second_ends() -> None:
    stop, said = Stop(), list[str]()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interruptible(stop, said.append):
        assert stop() is None
        signal.raise_signal(signal.SIGINT)
        assert stop() == "interrupted" and not stop.hurry
        assert said == ["stopping after this epoch; Ctrl-C again stops now, and both can go on later"]
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_supervisor_s_sigterm_is_a_first_ctrl_c_however_often_it_comes() -> None:
    stop = Stop()
    with interruptible(stop, lambda text: None):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert stop() == "interrupted" and not stop.hurry


def test_while_the_best_is_made_a_supervisor_is_not_kept_waiting() -> None:
    stop = Stop()
    with pytest.raises(KeyboardInterrupt), interruptible(stop, lambda text: None):
        stop.observe(FinalStarted(0, 3, 100))
        signal.raise_signal(signal.SIGTERM)
    assert stop() == "interrupted"


def test_a_cancel_hurries_and_ends_what_does_not_end() -> None:
    stop = Stop(lambda: True)
    with pytest.raises(CancelledNow), interruptible(stop, lambda text: None, patience=0.05):
        signal.raise_signal(signal.SIGTERM)
        assert stop() == "cancelled" and stop.hurry
        time.sleep(5)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_cancel_is_found_without_a_signal_too() -> None:
    asked: list[bool] = []
    stop = Stop(lambda: bool(asked))
    assert stop() is None
    asked.append(True)
    assert stop() == "cancelled" and stop.hurry


def test_a_terminal_that_is_gone_does_not_spoil_the_end() -> None:
    def gone(text: str) -> None:
        raise BrokenPipeError

    stop = Stop()
    with interruptible(stop, gone):
        signal.raise_signal(signal.SIGINT)
    assert stop() == "interrupted"
