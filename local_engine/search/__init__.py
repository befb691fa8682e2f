"""A whole search: ask, train, tell, keep; then the best made and scored. It joins data, space, study and training."""

from __future__ import annotations

from local_engine.search.loop import search
from local_engine.search.outcome import Outcome

__all__ = ["Outcome", "search"]
