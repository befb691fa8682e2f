"""Models of strangers, loaded in a process of their own: the same numbers as here, and none of this machine's rights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cloud_nas as cn
from cloud_nas.models import loading
from cloud_nas.models.apart import ApartModel

from .conftest import forge


def test_a_strangers_model_predicts_bit_for_bit_what_it_would_here(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = cn.predict(artifact, "builtin:digits")
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "another machine"))
    assert isinstance(loading.load(artifact), ApartModel)
    apart = cn.predict(artifact, "builtin:digits")
    assert np.array_equal(apart.probabilities, here.probabilities) and np.array_equal(apart.prediction, here.prediction)  # type: ignore[arg-type]


PROBE = """
import os, socket, subprocess
import keras

seen = []
for name, way in {
    "network": lambda: socket.create_connection(("127.0.0.1", PORT), 1),
    "program": lambda: subprocess.run(["true"]),
    "outside": lambda: open(OUTSIDE, "w"),
    "home": lambda: open(os.path.expanduser("~/here"), "w").close(),
    "large": lambda: open("large", "wb").truncate(1 << 40),
    "credentials": lambda: open("/dev/null" if {"AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN"} & set(os.environ) else ""),
}.items():
    try:
        way()
        seen.append(name)
    except OSError:
        pass
raise ValueError("the probe saw " + " ".join(seen))
"""


def test_code_that_trust_lets_in_has_no_network_no_credentials_and_one_folder(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    (artifact / "code").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        probe = PROBE.replace("PORT", str(server.getsockname()[1])).replace("OUTSIDE", repr(str(tmp_path / "outside")))
        (artifact / "code" / "probe.py").write_text(probe)
        forge(artifact, "code/probe.py", custom_objects=True, builder={"file": "probe.py", "name": "build"})
        with pytest.raises(cn.CloudNasError) as error:
            cn.predict(artifact, "builtin:digits", trust=True)
    assert str(error.value).endswith("the probe saw home")
    assert not (tmp_path / "outside").exists()
