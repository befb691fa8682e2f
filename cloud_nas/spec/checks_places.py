"""The section of a place, as far as it can be told without asking there: the region exists, what goes together is together."""

from __future__ import annotations

from cloud_nas.spec.checks import Check
from cloud_nas.spec.regions import REGIONS
from cloud_nas.spec.suggest import nearest
from cloud_nas.spec.yaml import Path

_HERE: Path = ("targets", "sagemaker")


def check_places(check: Check) -> None:
    """The region is one of AWS's; subnets and security groups come together."""
    place, findings = check.spec.targets.sagemaker, check.findings
    region: Path = (*_HERE, "region")
    if findings.ok(region) and place.region is not None and place.region not in REGIONS and place.image is None:
        near = nearest(place.region, REGIONS)
        hint = f'did you mean "{near}"?' if near else "one newer than this version of cloud-nas needs an `image` of its own"
        findings.error("CN137", region, f"{place.region} is no AWS region that is known here", hint)
    subnets: Path = (*_HERE, "subnets")
    groups: Path = (*_HERE, "security_groups")
    entries_are_bad = any(bad[: len(_HERE) + 1] in (subnets, groups) for bad in findings.bad)
    if findings.ok(subnets, groups) and not entries_are_bad and bool(place.subnets) != bool(place.security_groups):
        here, lacking = (subnets, "security_groups") if place.subnets else (groups, "subnets")
        findings.error("CN138", here, f"{here[-1]} without {lacking}", f"give `{lacking}` too, or neither", key=True)
