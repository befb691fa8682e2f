"""AWS's TensorFlow image, held against AWS's own table."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from cloud_nas.errors import UsageError
from cloud_nas.targets.sagemaker.images import ACCOUNTS, PYTHON, VERSION, training_image
from cloud_nas.targets.sagemaker.limits import has_own_disk


def _sdk(name: str) -> Path:
    """A file of the official SDK's own data, without importing it, which takes seconds."""
    found = importlib.util.find_spec("sagemaker")
    folders = [] if found is None else [Path(place) for place in found.submodule_search_locations or ()]
    files = [file for folder in folders for file in folder.glob(f"core/image_uri_config/{name}")]
    if not files:
        pytest.skip("sagemaker-core is not installed")
    return files[0]


def test_the_accounts_are_those_of_the_official_sdk_in_every_region() -> None:
    version = json.loads(_sdk("tensorflow.json").read_text())["training"]["versions"][VERSION]
    assert version["registries"] == ACCOUNTS
    assert version["py_versions"] == [PYTHON]
    assert version["repository"] == "tensorflow-training"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the SDK's own, while it is imported
def test_the_images_are_those_that_the_official_sdk_names() -> None:
    from sagemaker.core import image_uris  # type: ignore[import-untyped]

    for region in ACCOUNTS:
        for instance in ("ml.m5.xlarge", "ml.g5.xlarge", "ml.p3.2xlarge"):
            theirs = image_uris.retrieve(
                "tensorflow", region, version=VERSION, py_version=PYTHON, instance_type=instance, image_scope="training"
            )
            assert training_image(region, instance) == theirs


def test_a_machine_with_gpus_gets_the_image_with_cuda() -> None:
    assert training_image("eu-west-1", "ml.g5.xlarge").endswith(":2.21.0-gpu-py312")
    assert training_image("eu-west-1", "ml.c7i-flex.large").endswith(":2.21.0-cpu-py312")


def test_every_type_of_machine_has_an_image_or_a_reason() -> None:
    from cloud_nas.targets.sagemaker.client import service_model

    without = set()
    for instance in service_model("sagemaker").shape_for("TrainingInstanceType").enum:
        try:
            training_image("us-east-1", instance)
        except UsageError as error:
            without.add(instance.split(".")[1])
            assert error.hint
        assert isinstance(has_own_disk(instance), bool)
    assert without == {"trn1", "trn1n", "trn2", "p6e-gb200"}


def test_a_region_without_an_image_names_the_way_out() -> None:
    with pytest.raises(UsageError, match="us-moon-1") as raised:
        training_image("us-moon-1", "ml.m5.xlarge")
    assert "image" in (raised.value.hint or "")
