"""Word vectors, averaged, then one layer. Each `hp` call is one hyperparameter of the search."""

import keras

WORDS = 10_000  # the vocabulary that cloud-nas makes has at most so many


def build_model(hp):
    model = keras.Sequential(
        [
            keras.layers.Embedding(WORDS, hp.Choice("vector", [16, 32, 64])),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(hp.Int("units", 8, 64, step=8), activation="relu"),
            keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 3e-3, 3e-2, sampling="log")),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
