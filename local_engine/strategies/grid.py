"""Grid search: every configuration, in order, in a space that may grow while it is searched."""

from __future__ import annotations

from local_engine.strategies.base import Configuration, Expectation, Nothing, Proposal, Strategy, StudyView
from local_engine.strategies.tree import grid_values, untried


class GridSearch(Strategy):
    """Tries the first configuration of the tree that no trial covers: all defaults first, the last hyperparameter varies fastest.

    Continuous hyperparameters are tried at ten values, as in Keras Tuner. Where building discovers a hyperparameter, its values
    join the tree and the branches passed already are gone through again for what is new. Ends when nothing is left.
    """

    name = "grid"

    def propose(self, view: StudyView) -> Proposal:
        """The first configuration in order that is not covered."""
        if view.full:
            return Nothing(waiting=False)
        params = next(untried(view.space, view.records), None)
        return Nothing(waiting=view.running) if params is None else Configuration(params, view.settings.max_epochs)

    def expectation(self, view: StudyView) -> Expectation:
        """The whole grid as far as it is known, less what the cap cuts off."""
        from local_engine.space.flat import Space
        from local_engine.space.parameters import Choice

        points = [
            Choice(parameter.name, grid_values(parameter), conditions=parameter.conditions)
            if getattr(parameter, "step", 1) is None
            else parameter
            for parameter in view.space.parameters
        ]
        sizes = [size for size in (Space(tuple(points)).size(), view.settings.trials) if size is not None]
        trials, epochs = min(sizes, default=None), view.settings.max_epochs
        return Expectation(trials, None if trials is None or epochs is None else trials * epochs)
