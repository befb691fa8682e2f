# The imports seen in public files.
import keras_tuner
import kerastuner
import kerastuner as kt
from keras_tuner import HyperModel, HyperParameters, Objective, Oracle  # noqa: F401
from keras_tuner.applications import HyperResNet, HyperXception  # noqa: F401
from keras_tuner.engine.hypermodel import HyperModel as BaseHyperModel
from keras_tuner.engine.hyperparameters import Choice, HyperParameter, Int  # noqa: F401
from keras_tuner.engine.oracle import Objective as OldObjective
from keras_tuner.engine.tuner import Tuner  # noqa: F401
from keras_tuner.errors import FailedTrialError  # noqa: F401
from keras_tuner.oracles import BayesianOptimizationOracle, RandomSearchOracle  # noqa: F401
from keras_tuner.tuners import BayesianOptimization, GridSearch, Hyperband, RandomSearch, SklearnTuner  # noqa: F401
from kerastuner.engine.hyperparameters import HyperParameters as OldHyperParameters
from kerastuner.tuners import Hyperband as OldHyperband  # noqa: F401

same = HyperModel is BaseHyperModel and OldObjective is Objective
old_is_new = kerastuner.HyperModel is keras_tuner.HyperModel and OldHyperParameters is HyperParameters and kt is kerastuner
objective = kt.Objective("val_auc", direction="max")


def build(hp: kt.HyperParameters):
    from sklearn.svm import SVC

    return SVC(C=hp.Float("C", 1e-3, 1e3, sampling="log"))


def uses_application(hp):
    return kt.applications.HyperResNet(input_shape=(32, 32, 3), classes=10).build(hp)
