"""Models of strangers: one for each advisory about loading them (Keras', and its neighbours'), each refused with its own message.

Each comes as a model from a cloud comes: in an archive, with a manifest that agrees with every file, and is asked to predict.
CVE-2026-12480 is not among them, as nobody has said what it is.
"""

from __future__ import annotations

import io
import json
import pickle
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import cloud_nas as cn
from cloud_nas.models.arriving import arrive
from cloud_nas.models.loading import scan_estimator

from ..conftest import forge

Change = Callable[[dict[str, Any]], Any]


def model(*, config: Change | None = None, weights: Callable[[h5py.File], Any] | None = None, extra: Any = None) -> Any:
    """A way to spoil an artifact: its model's configuration, its weights, or what else is in the file."""

    def spoil(artifact: Path) -> None:
        file = artifact / "model.keras"
        with zipfile.ZipFile(file) as read:
            members: dict[str, bytes] = {name: read.read(name) for name in read.namelist()}
        if config is not None:
            about = json.loads(members["config.json"])
            config(about)
            members["config.json"] = json.dumps(about).encode()
        if weights is not None:
            buffer = io.BytesIO()
            with h5py.File(buffer, "w") as made:
                weights(made)
            members["model.weights.h5"] = buffer.getvalue()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
            for name, content in (members | (extra or {})).items():
                written.writestr(name, content)
        forge(artifact)

    return spoil


def last_layer(**changes: Any) -> Change:
    return lambda config: config["config"]["layers"][-1].update(changes)


def activation(module: str, name: str) -> Change:
    function = {"module": module, "class_name": "function", "config": name, "registered_name": "function"}
    return lambda config: config["config"]["layers"][-1]["config"].update(activation=function)


def file(name: str, content: bytes) -> Callable[[Path], Any]:
    """An artifact with one more file, which its manifest lists."""

    def spoil(artifact: Path) -> None:
        (artifact / name).write_bytes(content)
        forge(artifact, name)

    return spoil


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> Any:
        return (print, ("it ran",))


def _virtual(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((3,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3,))
    made.create_virtual_dataset("v", layout)


def _filtered(made: h5py.File) -> None:
    made.create_dataset("x", data=np.zeros(1000, "f4"), compression="lzf")


EXTERNAL = [("/etc/passwd", 0, 4)]
WRAPPED = {"layer": {"module": "keras.layers", "class_name": "Lambda", "config": {"function": {"class_name": "__lambda__"}}}}
LOOKUP = {"vocabulary": "http://169.254.169.254/latest/meta-data/"}

HOSTILE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "CVE-2024-3660: a lambda": (
        model(config=last_layer(class_name="Lambda", config={"function": "4wEAAA"})),
        "holds code in its file (Lambda)",
    ),
    "CVE-2025-1550: any function of any module": (
        model(config=activation("subprocess", "run")),
        "needs code that has not run on this machine: subprocess:run",
    ),
    "CVE-2025-8747: a function of Keras' that downloads and unpacks": (
        model(config=activation("keras.src.utils.file_utils", "get_file")),
        "needs code that has not run on this machine: keras.src.utils.file_utils:get_file",
    ),
    "CVE-2025-9906: a function of Keras' that turns its safe mode off": (
        model(config=activation("keras.config", "enable_unsafe_deserialization")),
        "needs code that has not run on this machine: keras.config:enable_unsafe_deserialization",
    ),
    "a function of Keras' that loads another model": (
        model(config=activation("keras.models", "load_model")),
        "needs code that has not run on this machine: keras.models:load_model",
    ),
    "CVE-2025-9905: an .h5 in the model's place": (
        lambda artifact: (shutil.copy(_h5(artifact), artifact / "model.keras"), forge(artifact)),
        "model.keras is not a model file",
    ),
    "CVE-2025-9905: an .h5 beside it": (file("model.h5", b"\x89HDF"), "model.h5 is an HDF5 model"),
    "CVE-2025-12058: a vocabulary from an address": (
        model(config=last_layer(class_name="StringLookup", config=LOOKUP)),
        "its StringLookup would read a file or an address",
    ),
    "CVE-2025-12060: a name that climbs": (model(extra={"assets/../../evil": b"x"}), "leads out of the folder"),
    "CVE-2026-0897: a shape that no disk holds": (
        model(weights=lambda made: made.create_dataset("x", (2**20, 2**20), "f8", chunks=(16, 16))),
        "it claims 8796093022208 bytes of numbers",
    ),
    "CVE-2026-12570: a piece that no memory holds": (
        model(weights=lambda made: made.create_dataset("x", (1,), "f8", chunks=(2**28,), maxshape=(None,))),
        "comes in pieces of 2147483648 bytes",
    ),
    "CVE-2026-1669: numbers in another file": (
        model(weights=lambda made: made.create_dataset("x", (4,), "u1", external=EXTERNAL)),
        "'x' reads another file",
    ),
    "CVE-2026-1669: a link to another file": (
        model(weights=lambda made: made.__setitem__("y", h5py.ExternalLink("/etc/passwd", "/"))),
        "'y' is a link to elsewhere",
    ),
    "CVE-2026-1669: numbers made of other files": (model(weights=_virtual), "'v' reads another file"),
    "CVE-2026-1462: a SavedModel elsewhere": (
        model(config=last_layer(class_name="TFSMLayer", config={"filepath": "/tmp/evil"})),
        "holds code in its file (TFSMLayer)",
    ),
    "GHSA-hqp4-2352-xf5r: an absolute name": (model(extra={"/tmp/evil": b"x"}), "leads out of the folder"),
    "CVE-2026-12481: a lambda inside another layer": (
        model(config=last_layer(class_name="TimeDistributed", config=WRAPPED)),
        "holds code in its file (Lambda, __lambda__)",
    ),
    "#23047: objects": (
        model(weights=lambda made: made.create_dataset("x", data=["text"], dtype=h5py.string_dtype())),
        "'x' holds object, not numbers",
    ),
    "#23168: a filter that HDF5 would load": (model(weights=_filtered), "packed by a filter that is not HDF5's own"),
    "#23101: a bomb": (model(extra={"assets/zeros": bytes(8 * 2**20)}), "'assets/zeros' unpacks to 8388608 bytes"),
    "#23303: a bomb of a configuration": (
        model(config=lambda config: config.update(padding=" " * 8 * 2**20)),
        "'config.json' unpacks to",
    ),
    "a torch module": (
        model(config=last_layer(class_name="TorchModuleWrapper", config={"module": "x"})),
        "holds code in its file (TorchModuleWrapper)",
    ),
    "CVE-2026-8597: a pickle": (file("model.pkl", pickle.dumps(Evil())), "model.pkl is a pickle, which is a program"),
    "CVE-2020-13092: joblib": (file("model.joblib", pickle.dumps(Evil())), "model.joblib is a pickle"),
    "CVE-2025-32434: torch": (file("weights.pt", b"PK"), "weights.pt is a file of torch's"),
    "a SavedModel": (file("saved_model.pb", b"x"), "saved_model.pb is a SavedModel"),
    "a stranger": (file("run.sh", b"#!/bin/sh"), "run.sh is nothing that a model of ours has"),
}


def _h5(artifact: Path) -> Path:
    path = artifact.parent / "model.h5"
    with h5py.File(path, "w") as made:
        made.create_dataset("x", data=np.zeros(3))
    return path


def packed(artifact: Path) -> Path:
    path = artifact.parent / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(artifact, ".")
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_is_refused_with_its_own_message(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "another machine"))
    spoil, message = HOSTILE[name]
    spoil(artifact)
    with pytest.raises(cn.RefusedError) as error:
        cn.predict(arrive(packed(artifact), tmp_path / "arrived").manifest.folder, "builtin:digits")
    assert message in error.value.message and error.value.exit_status == 9
    assert "it ran" not in capfd.readouterr().out


@pytest.mark.parametrize("name", ["model.h5", "model.pkl", "model.pt", "saved/saved_model.pb"])
def test_a_file_of_another_kind_is_no_model_with_trust_or_without(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(pickle.dumps(Evil()))
    called = tmp_path / name if name.startswith("model") else tmp_path / "saved"
    for trust in (False, True):
        with pytest.raises(cn.RefusedError, match="it is a") as error:
            cn.predict(called, "builtin:digits", trust=trust)
        assert error.value.hint is not None and "skops" in error.value.hint


def test_what_a_manifest_does_not_list_does_not_come_home(artifact: Path, tmp_path: Path) -> None:
    for name in ("evil.pkl", "code/evil.py", ".hidden"):
        (artifact / name).parent.mkdir(exist_ok=True)
        (artifact / name).write_bytes(b"x")
    found = arrive(packed(artifact), tmp_path / "arrived")
    assert {"evil.pkl", "code/evil.py", ".hidden"} == set(found.dropped)
    assert cn.verify(tmp_path / "arrived").unlisted == () and not (tmp_path / "arrived" / "code").exists()


def enlarge(config: Any) -> None:
    """Makes each dense layer wider than any memory."""
    if isinstance(config, dict):
        if config.get("class_name") == "Dense":
            config["config"]["units"] = 2**38
        for value in config.values():
            enlarge(value)
    if isinstance(config, list):
        for value in config:
            enlarge(value)


def test_a_model_that_takes_all_memory_takes_its_own_process(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "another machine"))
    model(config=enlarge)(artifact)
    with pytest.raises(cn.CloudNasError, match=r"OOM when allocating|before it had predicted|more memory"):
        cn.predict(artifact, "builtin:digits")


def test_estimators_with_pickles_or_impossible_arrays_are_refused(tmp_path: Path) -> None:
    def skops(name: str, array: bytes) -> Path:
        path = tmp_path / f"{name}.skops"
        with zipfile.ZipFile(path, "w") as written:
            written.writestr("schema.json", "{}")
            written.writestr("1.npy", array)
        return path

    pickled, claiming = io.BytesIO(), io.BytesIO()
    np.save(pickled, np.array([Evil()], dtype=object))
    np.lib.format.write_array_header_1_0(claiming, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
    for path, message in (
        (skops("CVE-2020-13092", pickled.getvalue()), "holds objects, which are pickled"),
        (skops("bomb", claiming.getvalue()), "claims 1125899906842624 numbers"),
        (skops("CVE-2024-37065", b"\x80\x04cos\nsystem\n."), "1.npy is no array"),
    ):
        with pytest.raises(cn.RefusedError) as error:
            scan_estimator(path)
        assert message in error.value.message
