"""CN4: money."""

from __future__ import annotations

from cloud_nas.codes.code import Code

MONEY = (
    Code(
        "CN401",
        "it could cost more than it may",
        "The most that the request allows the service to bill, slack and all, is more than --max-cost, or the spec's budget.cost."
        " Nothing was sent, and nothing is shrunk unasked: the hint has what would fit.",
        "cloud-nas submit spec.yaml --on sagemaker:tuning --max-cost 5",
        "budget: {trials: 4}",
    ),
    Code(
        "CN402",
        "a price is not known",
        "A cap on the cost was asked for, and nobody knows what the machine costs in that region. Prices come from AWS's public "
        "list, which needs no credentials, from Google's, which needs the login that jobs are sent with, or from a table of your "
        "own, prices.toml in your configuration folder.",
        "cloud-nas submit spec.yaml --on sagemaker:tuning --max-cost 5",
        "cloud-nas prices refresh --on sagemaker:tuning --region eu-west-1",
    ),
    Code(
        "CN403",
        "prices cannot be read",
        "The table of prices is not TOML, or has something that is no price; or the place's public list is not what it was. A"
        " price is a number of US dollars above 0: for an hour of a machine, for a GB and month of `storage`, `s3` or `gcs`.",
        '[sagemaker.eu-west-1]\n"ml.m5.xlarge" = "0,257"',
        '[sagemaker.eu-west-1]\n"ml.m5.xlarge" = 0.257\n[vertex.europe-west4]\n"n1-standard-8" = 0.5\nstorage = 0.2',
    ),
    Code(
        "CN404",
        "only an estimate of the cost is known",
        "The service chooses its own machines, has no cap on a job, or may go beyond its budget, so that no bound of the cost can"
        " be told. --max-cost is"
        " then compared with an estimate, if you say so.",
        "cloud-nas submit spec.yaml --on sagemaker:autopilot --max-cost 20",
        "cloud-nas submit spec.yaml --on sagemaker:autopilot --max-cost 20 --accept-estimate",
    ),
)
