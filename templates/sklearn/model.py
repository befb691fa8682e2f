"""Three kinds of estimator. What one kind needs is asked for in its own scope, so that no trial carries another's values."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier


def build_estimator(hp):
    kind = hp.Choice("kind", ["logistic", "forest", "neighbors"])
    with hp.conditional_scope("kind", ["logistic"]):
        if kind == "logistic":
            model = LogisticRegression(C=hp.Float("C", 0.01, 100, sampling="log"), max_iter=1000)
    with hp.conditional_scope("kind", ["forest"]):
        if kind == "forest":
            trees, depth = hp.Int("trees", 20, 100, step=20), hp.Int("depth", 2, 8)
            model = RandomForestClassifier(trees, max_depth=depth, random_state=0)
    with hp.conditional_scope("kind", ["neighbors"]):
        if kind == "neighbors":
            weights = hp.Choice("weights", ["uniform", "distance"])
            model = KNeighborsClassifier(hp.Int("neighbors", 1, 15, step=2), weights=weights)
    return model
