"""What Autopilot has tried: its candidates, numbered as they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloud_nas.states import Best, TrialCounts
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker.client import Client

METRIC = "FinalAutoMLJobObjectiveMetric"


def candidates(client: Client, remote: Remote) -> list[Mapping[str, Any]]:
    """Every candidate, in the order in which they were made: the place is a trial's number, and keeps."""
    pages = client.pages(
        "sagemaker",
        "ListCandidatesForAutoMLJob",
        AutoMLJobName=remote.name,
        SortBy="CreationTime",
        SortOrder="Ascending",
        MaxResults=100,
    )
    found = [one for page in pages for one in page["Candidates"]]
    return sorted(found, key=lambda one: (one["CreationTime"], one["CandidateName"]))


def best_of(described: Mapping[str, Any], listed: Sequence[Mapping[str, Any]]) -> Best | None:
    """The best candidate that a job's description names; None where it names none, or one that the table lacks."""
    best = described.get("BestCandidate") or {}
    numbers = {one["CandidateName"]: number for number, one in enumerate(listed)}
    number, value = numbers.get(best.get("CandidateName")), value_of(best)
    return None if number is None or value is None else Best(number, value, {"candidate": str(best["CandidateName"])})


def value_of(candidate: Mapping[str, Any]) -> float | None:
    """Its objective, on the rows that the service validates with."""
    value = (candidate.get(METRIC) or {}).get("Value")
    return None if value is None else float(value)


def metrics_of(candidate: Mapping[str, Any]) -> dict[str, float]:
    """What was measured of it, by the service's own names; of the training rows with `train:` in front."""
    measured = (candidate.get("CandidateProperties") or {}).get("CandidateMetrics") or ()
    found = {}
    for one in measured:
        name = str(one.get("StandardMetricName") or one.get("MetricName"))
        on = str(one.get("Set", "Validation")).lower()
        if one.get("Value") is not None:
            found[name if on == "validation" else f"{on}:{name}"] = float(one["Value"])
    final = candidate.get(METRIC) or {}
    if final.get("MetricName") and final.get("Value") is not None:
        found.setdefault(str(final["MetricName"]), float(final["Value"]))
    return found


def containers_of(candidate: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What runs it: containers in a chain. Images and texts have them for each kind of processor."""
    by_processor = candidate.get("InferenceContainerDefinitions") or {}
    return list(candidate.get("InferenceContainers") or by_processor.get("CPU") or by_processor.get("GPU") or ())


def counts_of(described: Mapping[str, Any], listed: Sequence[Mapping[str, Any]]) -> TrialCounts:
    """How many candidates ended how, of as many as the job may make."""
    states = [one["CandidateStatus"] for one in listed]
    return TrialCounts(states.count("Completed"), states.count("Failed"), states.count("Stopped"), _most(described))


def _most(described: Mapping[str, Any]) -> int | None:
    """The cap on candidates, which each kind of problem has in a place of its own."""
    for problem in (described.get("AutoMLProblemTypeConfig") or {}).values():
        most = (problem.get("CompletionCriteria") or {}).get("MaxCandidates")
        if most is not None:
            return int(most)
    return None
