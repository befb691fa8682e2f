import parts.dense
from parts import shared


def build(hp):
    return parts.dense.make(hp, shared.LOW)
