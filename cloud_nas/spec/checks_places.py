"""The sections of places, as far as they can be told without asking there: the region exists, what goes together is together."""

from __future__ import annotations

from collections.abc import Sequence

from cloud_nas.spec.checks import Check
from cloud_nas.spec.google_machines import LOCATIONS, OWN_GPUS, gpu_problem, machine_problem
from cloud_nas.spec.regions import REGIONS
from cloud_nas.spec.suggest import nearest
from cloud_nas.spec.yaml import Path

_AWS: Path = ("targets", "sagemaker")
_GOOGLE: Path = ("targets", "vertex")


def check_places(check: Check) -> None:
    """AWS's region, subnets and security groups; Google's region, machine and GPUs."""
    _check_aws(check)
    _check_google(check)


def _check_aws(check: Check) -> None:
    place, findings = check.spec.targets.sagemaker, check.findings
    if place.image is None:
        _check_region(check, (*_AWS, "region"), place.region, REGIONS, "AWS", "needs an `image` of its own")
    subnets: Path = (*_AWS, "subnets")
    groups: Path = (*_AWS, "security_groups")
    entries_are_bad = any(bad[: len(_AWS) + 1] in (subnets, groups) for bad in findings.bad)
    if findings.ok(subnets, groups) and not entries_are_bad and bool(place.subnets) != bool(place.security_groups):
        here, lacking = (subnets, "security_groups") if place.subnets else (groups, "subnets")
        findings.error("CN138", here, f"{here[-1]} without {lacking}", f"give `{lacking}` too, or neither", key=True)


def _check_google(check: Check) -> None:
    place, findings = check.spec.targets.vertex, check.findings
    _check_region(check, (*_GOOGLE, "location"), place.location, LOCATIONS, "Google Cloud", "cannot be named yet")
    machine, accelerator, count = ((*_GOOGLE, key) for key in ("machine", "accelerator", "accelerators"))
    if not findings.ok(machine):
        return
    unfit = machine_problem(place.machine, place.accelerator)
    if unfit is not None:
        findings.error("CN137", machine, *unfit)
    elif place.accelerator is not None and findings.ok(accelerator, count):
        asked = place.accelerators if count in findings.merged.owners else None
        together = gpu_problem(place.machine, place.accelerator, asked)
        if together is not None:
            findings.error("CN138", accelerator, *together)
    elif place.accelerator is None and findings.ok(count) and count in findings.merged.owners:
        own = OWN_GPUS.get(place.machine)
        if own is None:
            findings.error("CN138", count, "accelerators without accelerator", "say which GPU, such as NVIDIA_TESLA_T4", key=True)
        elif own[1] != place.accelerators:
            findings.error("CN138", count, f"{place.machine} has {own[1]} x {own[0]}", "leave `accelerators` out", key=True)


def _check_region(check: Check, path: Path, region: str | None, known: Sequence[str], whose: str, newer: str) -> None:
    """A region that is left out is the place's own configuration's."""
    if check.findings.ok(path) and region is not None and region not in known:
        near = nearest(region, known)
        hint = f'did you mean "{near}"?' if near else f"one newer than this version of cloud-nas {newer}"
        check.findings.error("CN137", path, f"{region} is no {whose} region that is known here", hint)
