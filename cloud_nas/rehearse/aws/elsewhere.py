"""As much of Service Quotas and of the price list as doctor and prices ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cloud_nas.rehearse.aws.calls import Body, Call
from cloud_nas.rehearse.aws.errors import AwsError
from cloud_nas.rehearse.aws.listing import take
from cloud_nas.rehearse.aws.world import World

CODES = {
    "L-611FA074": "ml.m5.large for training job usage",
    "L-CCE2AFA6": "ml.m5.xlarge for training job usage",
    "L-4CEE6BA6": "ml.m5.xlarge for spot training job usage",
    "L-7939E4EC": "ml.m5.xlarge for transform job usage",
    "L-0307F515": "ml.m5.xlarge for processing job usage",
    "L-3F53BF0F": "ml.g4dn.xlarge for training job usage",
    "L-944F78BB": "ml.g4dn.xlarge for spot training job usage",
    "L-B6D80D9C": "ml.g5.xlarge for training job usage",
}
PRICES = {
    "ml.m5.large": "0.1150000000",
    "ml.m5.xlarge": "0.2300000000",
    "ml.g4dn.xlarge": "0.7360000000",
    "ml.g5.xlarge": "1.4080000000",
}
_DEFAULT = 4


def get_service_quota(world: World, region: str, body: Body) -> dict[str, Any]:
    """GetServiceQuota: what applies to the account."""
    name = _names(world).get(body["QuotaCode"])
    if name is None:
        raise AwsError("NoSuchResourceException", "The request failed because the specified service quota does not exist.")
    return {"Quota": _quota(world, body["QuotaCode"], name)}


def list_service_quotas(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListServiceQuotas."""
    found = [_quota(world, code, name) for code, name in _names(world).items()]
    cut, token = take(found, body, default=100)
    return {"Quotas": cut, "NextToken": token}


def price_list(region: str) -> dict[str, Any]:
    """The public list of SageMaker's prices in a region, in the shape of AWS's own bulk file."""
    products, terms = {}, {}
    for instance, price in PRICES.items():
        for component, mark in (("Training", "Train"), ("Transform", "Tsform"), ("Processing", "Processing")):
            sku = hashlib.sha256(f"{region} {instance} {component}".encode()).hexdigest()[:16].upper()
            products[sku] = {
                "sku": sku,
                "productFamily": "ML Instance",
                "attributes": {
                    "regionCode": region,
                    "component": component,
                    "instanceName": instance,
                    "instanceType": f"{instance}-{component}",
                    "usagetype": f"{'USE1' if region == 'us-east-1' else 'EU'}-{mark}:{instance}",
                },
            }
            dimension = {"unit": "Hrs", "pricePerUnit": {"USD": price}, "description": f"${price} per hour"}
            terms[sku] = {f"{sku}.JRTCKXETXF": {"priceDimensions": {f"{sku}.JRTCKXETXF.6YS6EN2CT7": dimension}}}
    return {"formatVersion": "v1.0", "offerCode": "AmazonSageMaker", "products": products, "terms": {"OnDemand": terms}}


def _names(world: World) -> Mapping[str, str]:
    known = dict(CODES)
    for name in world.quotas:
        if name not in known.values():
            known[f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"] = name
    return known


def _quota(world: World, code: str, name: str) -> dict[str, Any]:
    value = float(world.quotas.get(name, _DEFAULT))
    return {"ServiceCode": "sagemaker", "QuotaCode": code, "QuotaName": name, "Value": value, "Adjustable": True, "Unit": "None"}


CALLS: dict[str, Call] = {"GetServiceQuota": get_service_quota, "ListServiceQuotas": list_service_quotas}
