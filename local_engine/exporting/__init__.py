"""A Keras model in the forms that other programs take: each by the converter that its owners keep."""

from local_engine.exporting.formats import FORMATS, Format, Unfit, export
from local_engine.exporting.running import outputs

__all__ = ["FORMATS", "Format", "Unfit", "export", "outputs"]
