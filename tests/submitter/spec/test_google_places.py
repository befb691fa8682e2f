"""`targets.vertex`: what is said of a setting that Google would not take, and that nothing changes for whoever has none."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas import spec
from cloud_nas.spec import google_machines
from cloud_nas.spec.canonical import canonical_json

HEAD = "name: digits\ntask: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build}\n"
BEFORE = "727470030a90bdc35cfe41d9dccdc7276f07b5ac150c38833d2926cd0da3de2a"
"""The sha256 of `HEAD` with a section of SageMaker, as the version before `targets.vertex` had it."""

MISTAKES = {
    "region misspelt": ("location: europe-wst4", "CN137", 'did you mean "europe-west4"'),
    "region of the form of another cloud": ("location: eu-west-1", "CN137", "europe-west"),
    "no region": ("location: Europe", "CN137", "europe-west4"),
    "global trains nothing": ("location: global", "CN137", "europe-west4"),
    "the project's display name": ("project: My Project", "CN137", "display name"),
    "a bucket's address": ("bucket: 'gs://mine/x'", "CN137", "the name alone"),
    "a prefix from the root": ("prefix: /mine", "CN137", "without a slash in front"),
    "a machine of another cloud": ("machine: ml.m5.xlarge", "CN137", "n1-standard-8"),
    "a machine too small": ("machine: n1-standard-1", "CN137", "n1-standard-4"),
    "a family that trains nothing": ("machine: c3-standard-8", "CN137", "n2-standard-8"),
    "a machine of a family with GPUs that nobody knows": ("machine: g2-standard-7", "CN137", "`accelerator`"),
    "an accelerator in small letters": ("accelerator: nvidia-t4", "CN137", "NVIDIA_L4"),
    "the L4 as it is not called": ("accelerator: NVIDIA_TESLA_L4", "CN138", "NVIDIA_L4"),
    "a TPU": ("accelerator: TPU_V3", "CN138", "NVIDIA_TESLA_T4"),
    "a GPU that comes with its machine": ("accelerator: NVIDIA_L4", "CN138", "g2-standard-8"),
    "a GPU in a machine that takes none": ("machine: e2-standard-8, accelerator: NVIDIA_TESLA_T4", "CN138", "n1-standard-8"),
    "three GPUs": ("accelerator: NVIDIA_TESLA_T4, accelerators: 3", "CN138", "1, 2, 4"),
    "GPUs without their type": ("accelerators: 2", "CN138", "NVIDIA_TESLA_T4"),
    "another GPU than the machine's": ("machine: g2-standard-8, accelerator: NVIDIA_TESLA_T4", "CN138", "leave"),
    "fewer than the machine's": ("machine: a2-highgpu-4g, accelerator: NVIDIA_TESLA_A100, accelerators: 2", "CN138", "leave"),
    "fewer than the machine's, unnamed": ("machine: a2-highgpu-4g, accelerators: 1", "CN138", "leave `accelerators` out"),
    "no service account": ("service_account: me@example.org", "CN137", "gserviceaccount.com"),
    "a network's short name": ("network: default", "CN137", "with the project's number"),
    "a key's short name": ("kms_key: mine", "CN137", "cryptoKeys"),
    "an image with a space": ("image: my image", "CN137", ""),
    "a label of ours": ("labels: {cloud-nas-run: x}", "CN139", "another name"),
    "a label of Google's": ("labels: {goog-x: x}", "CN139", "another name"),
    "a label in capitals": ("labels: {Team: x}", "CN139", "small letters"),
    "a value in capitals": ("labels: {team: Vision}", "CN139", "small letters"),
    "a label that begins with a digit": ("labels: {1x: x}", "CN139", "a key begins with a letter"),
    "too many labels": (f"labels: {{{', '.join(f't{n}: x' for n in range(41))}}}", "CN139", "at most 40"),
    "no such rule": ("tuning: {early_stopping: auto}", "CN110", "median"),
    "no such model": ("automl: {model: mobile}", "CN110", "edge-fast"),
    "no budget": ("automl: {node_hours: 0}", "CN109", ""),
    "what only SageMaker has": ("region: europe-west4", "CN104", "location"),
}


def write(folder: Path, place: str, name: str = "spec.yaml") -> Path:
    (folder / name).write_text(f"{HEAD}targets:\n  vertex: {{{place}}}\n")
    return folder / name


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_setting_that_google_would_not_take_is_told_at_its_line(project: Path, mistake: str) -> None:
    place, code, hint = MISTAKES[mistake]
    loaded, found = spec.read(write(project, place))
    assert loaded is None
    assert [(one.code, one.line) for one in found] == [(code, 6)]
    assert found[0].column >= 12
    assert hint in (found[0].hint or "")


@pytest.mark.parametrize(
    "place",
    [
        "",
        "machine: g2-standard-8",
        "machine: g2-standard-8, accelerator: NVIDIA_L4",
        "machine: a2-highgpu-4g, accelerator: NVIDIA_TESLA_A100",
        "machine: a2-highgpu-4g, accelerators: 4",
        "machine: g2-standard-7, accelerator: NVIDIA_L4, accelerators: 1",
        "machine: n9-standard-8",
        "accelerator: NVIDIA_TESLA_V100, accelerators: 8",
        "project: 'example.com:my-project', location: us-central1, labels: {team: '', cost_center: a-1}",
        "service_account: t@my-project.iam.gserviceaccount.com, kms_key: projects/p-1/locations/l/keyRings/r/cryptoKeys/k",
    ],
)
def test_settings_that_google_takes_are_taken(project: Path, place: str) -> None:
    assert spec.load(write(project, place)).spec.targets.vertex.bucket is None


@given(st.sampled_from(sorted(google_machines.OWN_GPUS)))
def test_a_machine_that_comes_with_gpus_names_them_itself(machine: str) -> None:
    kind, count = google_machines.OWN_GPUS[machine]
    assert google_machines.gpus(machine, None, 1) == (kind, count)
    assert google_machines.machine_problem(machine) is None
    assert google_machines.gpu_problem(machine, kind, None) is None
    assert google_machines.gpu_problem(machine, kind, count) is None
    assert google_machines.gpu_problem(machine, kind, count + 1) is not None


def test_the_tables_are_those_of_googles_own_package() -> None:
    """Read as text: importing it takes seconds."""
    found = importlib.util.find_spec("google.cloud")
    assert found is not None
    (google,) = found.submodule_search_locations or []
    regions = re.search(
        r"SUPPORTED_REGIONS = frozenset\(\s*\{([^}]*)\}", (Path(google) / "aiplatform/constants/base.py").read_text()
    )
    assert regions is not None
    assert sorted({*re.findall(r'"([^"]+)"', regions[1])} - {"global"}) == sorted(google_machines.LOCATIONS)
    types = (Path(google) / "aiplatform_v1/types/accelerator_type.py").read_text()
    kinds = {*google_machines.ATTACHED, *(kind for kind, _ in google_machines.OWN_GPUS.values())}
    assert kinds <= set(re.findall(r"^    (\w+) = \d+$", types, flags=re.MULTILINE))


def test_a_spec_that_says_nothing_of_google_is_the_spec_it_was(project: Path) -> None:
    (project / "spec.yaml").write_text(HEAD + "targets: {sagemaker: {region: eu-west-1, bucket: my-bucket}}\n")
    before = spec.load(project / "spec.yaml")
    assert before.sha256 == BEFORE
    placed = spec.load(write(project, "location: europe-west4", "b.yaml"))
    assert '"vertex"' in canonical_json(placed.spec) and placed.identity == before.identity
    assert spec.load(write(project, "machine: n1-standard-8", "c.yaml")).sha256 != placed.sha256


def test_places_of_both_clouds_have_defaults_and_profiles_in_configuration(project: Path) -> None:
    (project / "cloud-nas.toml").write_text(
        "[targets.vertex]\nproject = 'my-project'\nbucket = 'ours'\nlabels = {team = 'vision'}\n"
        "[targets.sagemaker]\nbucket = 'theirs'\n[profile.big.targets.vertex]\nmachine = 'g2-standard-8'\n"
    )
    loaded = spec.load(write(project, "location: us-central1"), profile="big")
    place = loaded.spec.targets.vertex
    assert (place.project, place.location, place.bucket) == ("my-project", "us-central1", "ours")
    assert (place.machine, place.labels, loaded.spec.targets.sagemaker.bucket) == ("g2-standard-8", {"team": "vision"}, "theirs")
    assert loaded.origins["targets.vertex.project"] == loaded.origins["targets.vertex.machine"] == "project"
