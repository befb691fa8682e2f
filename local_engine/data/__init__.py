"""Data as a search sees them: sources in many formats, seeded splits, fingerprints, preprocessing learnt on training rows only.

`load` makes a `Dataset` of a definition's data; `read_rows` reads raw rows again from what a model's manifest says of its inputs.
Importing this package does not import TensorFlow, pandas or scikit-learn; loading does.
"""

from __future__ import annotations

from local_engine.data.dataset import Dataset
from local_engine.data.inputs import Column, Inputs, Raw, as_tensors
from local_engine.data.load import load, read_rows
from local_engine.data.part import Part
from local_engine.data.preprocessing import ColumnForm, Form, Preprocessing, encode

__all__ = [
    "Column",
    "ColumnForm",
    "Dataset",
    "Form",
    "Inputs",
    "Part",
    "Preprocessing",
    "Raw",
    "as_tensors",
    "encode",
    "load",
    "read_rows",
]
