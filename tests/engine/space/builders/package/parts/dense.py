from sklearn.linear_model import LogisticRegression

from . import limits


def make(hp, low):
    return LogisticRegression(C=hp.Float("C", low, limits.HIGH))
