"""What the spec's language has and this version does not. Whoever brings one deletes its line here.

Such a key or value is refused with a code of its own, so that nobody takes it for a slip of the pen; no schema shows it.
"""

from __future__ import annotations

KEYS: dict[tuple[str, ...], str] = {
    ("space", "macro"): "a space of layers and connections",
    ("space", "cell"): "a space of cells",
    ("space", "auto"): "the task's own default space",
    ("search", "estimate"): "judging candidates for less",
    ("storage",): "a study's database of its own",
    ("track",): "trackers",
    ("targets", "ray"): "a cluster of one's own",
}
"""Dotted keys, and what they bring."""

VALUES: dict[tuple[str, ...], dict[str, str]] = {
    ("search", "strategy"): {
        "bohb": "the strategy bohb",
        "evolution": "the strategy evolution",
        "local_search": "the strategy local_search",
        "reinforce": "the strategy reinforce",
        "nsga2": "the strategy nsga2",
    },
}
"""Values of keys that exist, and what they bring."""

LISTS: dict[tuple[str, ...], str] = {("objective",): "several objectives (a Pareto front)"}
"""Keys that a list may stand under."""

INSTEAD: dict[tuple[str, ...], str] = {
    ("space", "macro"): "use `space: {model: model.py:function}`",
    ("space", "cell"): "use `space: {model: model.py:function}`",
    ("space", "auto"): "use `space: {model: model.py:function}`; `cloud-nas init --data FILE --target COLUMN` writes a model.py",
    ("search", "strategy"): "use grid, random, bayesian or hyperband",
    ("objective",): "name one metric",
}
"""What does the same here, or nearly."""
