"""Random search: every trial is drawn on its own, and no configuration is tried twice."""

from __future__ import annotations

from local_engine.strategies.base import Configuration, Nothing, Proposal, Strategy, StudyView
from local_engine.strategies.drawing import draw


class RandomSearch(Strategy):
    """Draws each configuration from the distributions of the space (Bergstra and Bengio 2012).

    Ends when the cap is reached or a finite space has nothing left.
    """

    name = "random"

    def propose(self, view: StudyView) -> Proposal:
        """A configuration not asked before."""
        if view.full:
            return Nothing(waiting=False)
        params = draw(view)
        return Nothing(waiting=view.running) if params is None else Configuration(params, view.settings.max_epochs)
