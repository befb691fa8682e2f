"""What things cost at SageMaker.

A thing is called `ml.m5.xlarge` (training, an hour), `transform:ml.m5.xlarge` (batch transform, an hour), `storage` (a GB and
month of a training job's disk) or `s3` (a GB and month in S3). A price that is not known is None, never 0.
"""

from __future__ import annotations

from pathlib import Path

from cloud_nas.targets.price_tables import PriceTable

STORAGE = "storage"
S3 = "s3"
TRANSFORM = "transform:"

TABLE = PriceTable("sagemaker", Path(__file__).parent / "price_table.toml", (STORAGE, S3), example="eu-west-1")

find = TABLE.find


def way_out(region: str, what: str) -> str:
    """What gives an unknown price: the command that reads AWS's list, and the lines to add by hand."""
    return f"cloud-nas prices refresh --on sagemaker:tuning --region {region}, or {TABLE.lines(region, what)}"
