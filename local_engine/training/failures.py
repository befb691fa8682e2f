"""Exceptions of a user's model made into a trial's short reason, with the line of the user's file where it went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local_engine.errors import DiskError, EngineError, TrialError
from local_engine.files import FULL, says_disk_is_full

OUT_OF_MEMORY = "out of memory"
NAN_LOSS = "the loss is nan"
_LONGEST = 200
# First lines that say where in TensorFlow or Keras something happened, not what.
_EMPTY_WORDS = ("Exception encountered when calling", "Graph execution error", "Detected at node", "Arguments received by")


@contextmanager
def as_trial_errors(files: Sequence[Path]) -> Iterator[None]:
    """Turns whatever the block raises into `TrialError`, the engine's own errors keeping their words.

    KeyboardInterrupt and SystemExit pass: they are not the model's doing.
    """
    try:
        yield
    except TrialError as error:
        if error.__cause__ is not None and reason_of(error.__cause__) == OUT_OF_MEMORY:
            raise TrialError(OUT_OF_MEMORY, where=error.where) from error
        raise
    except DiskError:
        raise
    except EngineError as error:
        raise TrialError(error.message, hint=error.hint, where=error.where or where_in(files, error)) from error
    except Exception as error:  # the user's code may raise anything; the trial is recorded, the search goes on
        if says_disk_is_full(error):  # no fault of the trial's, and the next would fail for it too
            raise DiskError(FULL) from error
        raise TrialError(reason_of(error), where=where_in(files, error)) from error


def reason_of(error: BaseException) -> str:
    """A short reason: "out of memory", or the exception's class and the first line that says something."""
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return OUT_OF_MEMORY
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith((*_EMPTY_WORDS, "File "))] or lines
    text = f"{type(error).__name__}: {told[0]}" if told else type(error).__name__
    return text.rstrip(".") if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def where_in(files: Sequence[Path], error: BaseException) -> str | None:
    """`path:line` of the innermost frame that lies in one of the user's `files`, looking through causes too."""
    known = {str(Path(file).resolve()) for file in files}
    seen: BaseException | None = error
    while seen is not None:
        for frame in reversed(traceback.extract_tb(seen.__traceback__)):
            if str(Path(frame.filename).resolve()) in known:
                return f"{frame.filename}:{frame.lineno}"
        seen = seen.__cause__ or seen.__context__
    return None
