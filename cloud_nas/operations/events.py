"""What a search says while it runs: the engine's own values, through the door that the command line may use."""

from __future__ import annotations

from local_engine.events import (
    EpochEnded,
    Event,
    FinalStarted,
    Note,
    Observer,
    SearchEnded,
    SearchStarted,
    TrialEnded,
    TrialStarted,
)

__all__ = [
    "EpochEnded",
    "Event",
    "FinalStarted",
    "Note",
    "Observer",
    "SearchEnded",
    "SearchStarted",
    "TrialEnded",
    "TrialStarted",
]
