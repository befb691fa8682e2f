"""Models at rest: what an artifact folder says of itself, whether it is whole, whether it is safe to load, and what it predicts.

An artifact may come from anywhere, so nothing in it is believed before it was looked at: `archive`, `keras_config` and `weights`
read a model's file without Keras, and `loading` lets Keras see it only then.
"""
