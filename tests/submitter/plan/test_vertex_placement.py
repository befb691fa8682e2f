"""The settings of the place at Google: what is missing or wrong is told before anything else happens, with the key to add."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud_nas.errors import UsageError
from cloud_nas.targets.vertex.placement import settings

from .made import PLACE


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Google's own configuration is an empty folder of the test's."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_ACTIVE_CONFIG_NAME", "CLOUDSDK_CORE_PROJECT", "CLOUDSDK_AI_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "GOOGLE_CLOUD_REGION", "GOOGLE_CLOUD_LOCATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CLOUDSDK_COMPUTE_REGION", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    return tmp_path


def test_defaults_are_filled_in() -> None:
    found = settings(PLACE)
    assert (found["machine"], found["prefix"], found["spot"], found["max_runtime"]) == (
        "n1-standard-8",
        "cloud-nas/",
        False,
        3600,
    )
    assert (found["accelerator"], found["accelerators"]) == (None, 0)
    assert found["tuning"]["measurement"] == "best"
    assert settings(found) == found


@pytest.mark.parametrize("key", ["bucket", "project", "location"])
def test_what_is_missing_is_named_with_the_line_to_add(key: str) -> None:
    with pytest.raises(UsageError) as raised:
        settings({name: value for name, value in PLACE.items() if name != key} | {key: None})
    assert f"{key}:" in (raised.value.hint or "")
    assert (raised.value.exit_status, raised.value.code) == (2, "CN511")


def test_project_and_location_come_from_google_s_own_configuration(
    no_configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = no_configuration / "configurations"
    folder.mkdir()
    (folder / "config_default").write_text("[core]\nproject = theirs\n[compute]\nregion = us-east1\n")
    found = settings({"bucket": "my-bucket"})
    assert (found["project"], found["location"]) == ("theirs", "us-east1")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "mine")
    monkeypatch.setenv("GOOGLE_CLOUD_REGION", "asia-east1")
    found = settings({"bucket": "my-bucket"})
    assert (found["project"], found["location"]) == ("mine", "asia-east1")
    assert settings(PLACE)["location"] == "europe-west4"


def test_a_machine_that_comes_with_gpus_has_them_named() -> None:
    found = settings({**PLACE, "machine": "g2-standard-24"})
    assert (found["accelerator"], found["accelerators"]) == ("NVIDIA_L4", 2)


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"location": "europe-wst4"}, "europe-wst4", "europe-west4"),
        ({"location": "global"}, "global", "one region"),
        ({"kms_key": "projects/p/locations/us-east1/keyRings/r/cryptoKeys/k"}, "us-east1", "locations/europe-west4"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        settings({**PLACE, **changed})
    assert hint in (raised.value.hint or "")
