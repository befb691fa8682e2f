"""CN7: comparing models."""

from __future__ import annotations

from cloud_nas.codes.code import Code

COMPARING = (
    Code(
        "CN701",
        "not the same rows",
        "Models are compared by their answers to the very same rows, with the same labels: the sha256 of the rows, their ids and "
        "the classes have to agree. `--data` asks all models about one file.",
        "cloud-nas compare r-7k2xq of-other-rows.parquet",
        "cloud-nas compare r-7k2xq r-8m3yr --data heldout.csv",
    ),
    Code(
        "CN702",
        "trained on rows that it is judged by",
        "Rows that a model is judged by are among the rows that it was trained on or chosen by, so its score there says little "
        "of new rows. `compare` counts them, in the file of `--data` and in each model's own data; `submit` counts held-out rows "
        "that are also, label and all, among the rows that would travel to a cloud. Both refuse them unless `--allow-overlap` "
        "says that it does not matter, as where a table has few columns and its rows repeat by nature.",
        "cloud-nas compare r-7k2xq r-8m3yr --data train.csv",
        "cloud-nas compare r-7k2xq r-8m3yr --data heldout.csv",
    ),
)
