# Kinds of Keras models that public builders return.
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


def flatten_shape(hp):
    model = keras.Sequential()
    model.add(keras.layers.Flatten(input_shape=(28, 28)))
    model.add(keras.layers.Dense(units=hp.Int("units", min_value=16, max_value=512, step=16), activation="relu"))
    model.add(tf.keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(10))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def input_layer(hp):
    model = keras.Sequential([layers.InputLayer(shape=(8,)), layers.Dense(hp.Int("units", 2, 8), "relu"), layers.Dense(1)])
    model.compile(hp.Choice("optimizer", ["adam", "sgd"]), "mse", metrics=["mae"])
    return model


def named_inputs(hp):
    wide, deep = keras.Input((4,), name="wide"), keras.Input((6,), name="deep")
    x = layers.Dense(hp.Int("units", 4, 8), activation="relu")(deep)
    y = layers.Dense(1, activation="sigmoid")(layers.concatenate([wide, x]))
    model = keras.Model([wide, deep], y)
    model.compile("adam", "binary_crossentropy", metrics=[keras.metrics.AUC()])
    return model


def recurrent(hp):
    model = keras.Sequential([keras.Input((12, 3)), layers.LSTM(hp.Int("units", 4, 8, 4)), layers.Dense(1)])
    schedule = keras.optimizers.schedules.ExponentialDecay(hp.Float("lr", 1e-4, 1e-2, sampling="log"), 100, 0.9)
    model.compile(keras.optimizers.Adam(schedule, clipnorm=1.0), sharpe_loss)
    return model


def sharpe_loss(y_true, y_pred):
    returns = y_true * y_pred
    return -tf.reduce_mean(returns) / (tf.math.reduce_std(returns) + 1e-6)


class Own(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden, self.out = layers.Dense(units), layers.Dense(3)

    def call(self, x):
        return self.out(self.hidden(x))


def subclassed(hp):
    model = Own(hp.Int("units", 2, 4))
    model.compile("adam", "mse")
    return model


def too_deep(hp):
    model = keras.Sequential([keras.Input((8, 8, 1))])
    for _ in range(hp.Fixed("blocks", 4)):
        model.add(layers.Conv2D(4, 3))
        model.add(layers.MaxPooling2D())
    return model
