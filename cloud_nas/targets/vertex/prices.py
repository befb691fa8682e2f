"""What things cost at Vertex AI.

A thing is called `n1-standard-8` (a machine that trains, an hour; with its GPUs where it comes with them), `NVIDIA_TESLA_T4` (a
GPU put into one, an hour), `storage` (a GB and month of a job's disk), `gcs` (a GB and month in Cloud Storage), `automl:tabular`,
`automl:image`, `automl:image-edge` and `batch:image` (an hour of a node). A price that is not known is None, never 0.
"""

from __future__ import annotations

from pathlib import Path

from cloud_nas.targets.price_tables import PriceTable

STORAGE = "storage"
GCS = "gcs"
AUTOML_TABULAR, AUTOML_IMAGE, AUTOML_EDGE = "automl:tabular", "automl:image", "automl:image-edge"
BATCH_IMAGE = "batch:image"
EVERYWHERE = "everywhere"
"""The table of prices that hold in every region."""

TABLE = PriceTable(
    "vertex", Path(__file__).parent / "price_table.toml", (STORAGE, GCS), example="europe-west4", everywhere=EVERYWHERE
)

find = TABLE.find


def way_out(location: str, what: str) -> str:
    """What gives an unknown price: the command that reads Google's list, where it has it, and the lines to add by hand."""
    by_hand = TABLE.lines(location, what)
    if ":" in what or what == GCS:
        return by_hand
    return f"cloud-nas prices refresh --on vertex:tuning --region {location}, or {by_hand}"
