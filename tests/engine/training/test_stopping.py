"""Early stopping as a function of the curve, held against Keras' own callback."""

from __future__ import annotations

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_engine.definition import StopEarly
from local_engine.errors import TrialError
from local_engine.training.stopping import checked, direction, should_stop

SERIES = st.lists(st.floats(0, 10).map(lambda value: round(value, 1)), min_size=1, max_size=15)


def _keras_stops_at(stop: StopEarly, series: list[float]) -> int | None:
    callback = keras.callbacks.EarlyStopping(
        monitor=stop.monitor, patience=stop.patience, min_delta=stop.min_delta, mode="min" if direction(stop) < 0 else "max"
    )
    model = keras.Sequential()
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, value in enumerate(series):
        callback.on_epoch_end(epoch, {stop.monitor: value})
        if model.stop_training:
            return epoch + 1
    return None


@given(SERIES, st.integers(1, 4), st.sampled_from([0.0, 0.5]), st.sampled_from(["val_loss", "val_accuracy"]))
def test_it_stops_where_keras_does(series: list[float], patience: int, min_delta: float, monitor: str) -> None:
    stop = StopEarly(monitor, patience, min_delta)
    ours = next((length for length in range(1, len(series) + 1) if should_stop(stop, series[:length])), None)
    assert ours == _keras_stops_at(stop, series)


@given(SERIES, st.integers(1, 4))
def test_once_stopped_it_stays_stopped(series: list[float], patience: int) -> None:
    stop = StopEarly(patience=patience)
    said = [should_stop(stop, series[:length]) for length in range(1, len(series) + 1)]
    assert said == sorted(said)


def test_a_monitor_that_is_not_reported_is_refused() -> None:
    with pytest.raises(TrialError, match="val_f1") as caught:
        checked(StopEarly("val_f1"), ["loss", "val_loss"])
    assert caught.value.hint == "it reports loss, val_loss"
