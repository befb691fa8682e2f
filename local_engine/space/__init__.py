"""Search spaces: Keras Tuner's `hp` objects, spaces as flat lists, and how a user's file becomes a builder.

Nothing here is imported by the package itself, so that the objects stay free of what loads and explores a user's code.
"""
