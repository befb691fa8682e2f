"""A study: what was tried, what came of it, and what to try next, for any objective."""

from __future__ import annotations

from local_engine.study.records import Rung, StudySettings, TrialRecord
from local_engine.study.study import Study
from local_engine.study.trial import StudyTrial

__all__ = ["Rung", "Study", "StudySettings", "StudyTrial", "TrialRecord"]
