"""Entries of Google's Cloud Billing Catalog, in its own form."""

from __future__ import annotations

from typing import Any

ON = "Vertex AI: Training/Pipelines on"


def sku(description: str, usd: float, *, unit: str = "h", region: str = "europe-west4", **changes: Any) -> dict[str, Any]:
    """One entry."""
    price = {"currencyCode": "USD", "units": str(int(usd)), "nanos": round(usd % 1 * 1e9)}
    expression = {"usageUnit": unit, "tieredRates": [{"startUsageAmount": 0, "unitPrice": price}]}
    usual = {
        "description": description,
        "category": {"usageType": "OnDemand", "resourceFamily": "ApplicationServices"},
        "serviceRegions": [region],
        "pricingInfo": [{"effectiveTime": "2026-11-02T08:00:00Z", "pricingExpression": expression}],
    }
    return usual | changes


def catalog() -> list[dict[str, Any]]:
    """What a region's list has of ours, and things that look like it."""
    return [
        sku(f"{ON} N1 Predefined Instance Core running in Netherlands", 0.04),
        sku(f"{ON} N1 Predefined Instance Ram running in Netherlands", 0.005, unit="GiBy.h"),
        sku(f"{ON} Nvidia Tesla T4 GPU running in Netherlands", 0.4),
        sku(f"{ON} G2 Instance Core in Netherlands", 0.03),
        sku(f"{ON} G2 Instance RAM in Netherlands", 0.004, unit="GiBy.h"),
        sku(f"{ON} NVIDIA L4 in Netherlands", 0.7),
        sku(f"{ON} SSD backed PD Capacity", 0.0003, unit="GiBy.h"),
        sku("Vertex AI: Training/Pipelines Management fee on N1 Instance Core in Netherlands", 9),
        sku(f"{ON} N1 Predefined Instance Core running in Iowa", 9, region="us-central1"),
        sku("Vertex AI: Online/Batch Prediction N1 Predefined Instance Core running in Netherlands", 9),
        sku(f"Spot {ON} N1 Predefined Instance Core running in Netherlands", 9),
        sku(f"{ON} N1 Predefined Instance Core running in Netherlands", 9, category={"usageType": "Preemptible"}),
        sku(f"{ON} TPU v5e in Netherlands", 9),
    ]
