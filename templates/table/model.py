"""A dense network as a Keras Tuner `HyperModel`."""

import keras
import keras_tuner as kt  # needs no keras-tuner: cloud-nas brings what such a file uses of it


class CustomerModel(kt.HyperModel):
    def build(self, hp):
        model = keras.Sequential()
        for layer in range(hp.Int("layers", 1, 2)):
            model.add(keras.layers.Dense(hp.Int(f"units_{layer}", 8, 64, step=8), activation="relu"))
        if hp.Boolean("regularize"):
            model.add(keras.layers.Dropout(hp.Float("dropout", 0.1, 0.5, step=0.1)))
        model.add(keras.layers.Dense(1, activation="sigmoid"))
        model.compile(
            optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 1e-3, 1e-2, sampling="log")),
            loss="binary_crossentropy",
            metrics=["accuracy"],
        )
        return model
