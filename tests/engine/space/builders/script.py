# A whole script: what stands before `search` is the file.
import keras_tuner as kt
import numpy as np
from sklearn.linear_model import LogisticRegression

print("loading data")
x, y = np.zeros((8, 2)), np.zeros(8)


def build(hp):
    return LogisticRegression(C=hp.Float("C", 0.1, 10.0))


tuner = kt.RandomSearch(build, objective="val_accuracy", max_trials=3, directory="not_made", project_name="nor_this")
tuner.search_space_summary()
try:
    tuner.search(x, y, epochs=2)
except Exception:  # noqa: BLE001
    raise SystemExit("search was not to be caught") from None


def after(hp):
    return build(hp)


raise SystemExit("never reached")
