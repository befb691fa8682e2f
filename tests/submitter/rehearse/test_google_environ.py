"""Nothing of the user's own Google is seen in a rehearsal, and all of it is there again afterwards."""

from __future__ import annotations

import os

import pytest

from cloud_nas.rehearse.gcp.environ import applied

THEIRS = {
    "GOOGLE_APPLICATION_CREDENTIALS": "/the/users/own.json",
    "GOOGLE_CLOUD_PROJECT": "work",
    "GCLOUD_PROJECT": "work",
    "CLOUDSDK_CONFIG": "/the/users/gcloud",
    "CLOUD_NAS_VERTEX_ENDPOINT": "http://127.0.0.1:9",
    "STORAGE_EMULATOR_HOST": "http://127.0.0.1:9",
}


def test_what_is_googles_goes_away_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in THEIRS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GOOGLE_CLOUD_REGION", raising=False)
    monkeypatch.delenv("NO_GCE_CHECK", raising=False)
    before = dict(os.environ)
    ours = {"GOOGLE_CLOUD_PROJECT": "rehearsal", "NO_GCE_CHECK": "true", "NO_PROXY": "127.0.0.1"}
    with pytest.raises(RuntimeError), applied(ours):
        assert {name: os.environ.get(name) for name in THEIRS} == dict.fromkeys(THEIRS) | {"GOOGLE_CLOUD_PROJECT": "rehearsal"}
        os.environ["GOOGLE_CLOUD_REGION"] = "set meanwhile"
        raise RuntimeError
    assert dict(os.environ) == before
