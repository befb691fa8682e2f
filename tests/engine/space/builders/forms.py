# Every form in which public files name a space; small estimators, since the form is the point.
import functools

from keras_tuner import HyperModel, RandomSearch  # noqa: F401
from keras_tuner.engine.hyperparameters import HyperParameters
from sklearn.linear_model import LogisticRegression


def plain(hp: HyperParameters):
    return LogisticRegression(C=hp.Float("C", 0.1, 10.0, sampling="log"))


def with_defaults(hp, penalty_scale=2.0, *, steps=100):
    return LogisticRegression(C=penalty_scale * hp.Float("C", 0.1, 10.0), max_iter=steps)


def unbound(hp, steps):
    return LogisticRegression(C=hp.Float("C", 0.1, 10.0), max_iter=steps)


bound = functools.partial(unbound, steps=50)
as_lambda = lambda hp: unbound(hp, 60)  # noqa: E731


def of_shape(hp, input_shape, num_classes):
    model = plain(hp)
    model.shape_, model.classes_wanted_ = input_shape, num_classes
    return model


class Plain(HyperModel):
    def build(self, hp):
        return plain(hp)


class Named(HyperModel):
    def __init__(self, name="named", tunable=True):
        super().__init__(name, True)

    def build(self, hp):
        return plain(hp)


class Shaped(HyperModel):
    def __init__(self, input_shape, num_classes):
        self.input_shape = input_shape
        self.num_classes = num_classes

    def build(self, hp):
        model = plain(hp)
        model.shape_, model.classes_wanted_ = self.input_shape, self.num_classes
        return model


class Held(Shaped):
    pass


class Untunable(HyperModel):
    def __init__(self):
        super().__init__(tunable=False)

    def build(self, hp):
        return plain(hp)


class Demanding(HyperModel):
    def __init__(self, vocabulary):
        self.vocabulary = vocabulary

    def build(self, hp):
        return plain(hp)


held = Held((4, 4), 7)
instance = Plain()
number = 3
estimator = LogisticRegression()


def nothing(hp):
    plain(hp)


def a_class(hp):
    return LogisticRegression


def a_pair(hp):
    return plain(hp), 3


def failing(hp):
    return LogisticRegression(colour=hp.Choice("colour", ["red"]))
