"""A small convolutional network. Each `hp` call is one hyperparameter of the search."""

import keras
import keras_tuner as kt  # needs no keras-tuner: cloud-nas brings what such a file uses of it


def build_model(hp: kt.HyperParameters) -> keras.Model:
    model = keras.Sequential([keras.Input((8, 8, 1))])
    for block in range(hp.Int("blocks", 1, 2)):
        filters = hp.Choice(f"filters_{block}", [8, 16, 32])
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
    model.add(keras.layers.MaxPooling2D())
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.4, step=0.1)))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 1e-3, 1e-2, sampling="log")),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
