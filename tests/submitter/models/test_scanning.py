"""Model files of strangers: a small corpus of hostile ones, each refused before Keras sees it, and honest ones that pass."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from cloud_nas.errors import RefusedError
from cloud_nas.models.scanning import scan_keras

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2, "activation": "relu"}, "registered_name": None}


def model_config(*layers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    whole = {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}, "registered_name": None}
    return whole | changes


def weights(
    fill: Callable[[h5py.File], Any] = lambda file: file.create_dataset("layers/dense/vars/0", data=np.zeros(3, "f4")),
) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def keras_file(path: Path, config: Any = None, h5: bytes | None = None, extra: dict[Any, bytes] | None = None) -> Path:
    text = config if isinstance(config, str) else json.dumps(model_config(DENSE) if config is None else config)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights() if h5 is None else h5)
        for member, content in (extra or {}).items():
            archive.writestr(member, content)
    return path


def test_an_honest_model_passes(tmp_path: Path) -> None:
    lookup = DENSE | {"class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}}
    operation = {"module": "keras.src.ops.numpy", "class_name": "Add", "config": {}, "registered_name": "Add"}
    file = keras_file(
        tmp_path / "m.keras", model_config(DENSE, lookup, operation), extra={"assets/layers/x/vocabulary.txt": b"a"}
    )
    assert not scan_keras(file)


def _calls(module: str, name: str, registered: str) -> dict[str, Any]:
    """A layer whose activation is a function."""
    function = {"module": module, "class_name": "function", "config": name, "registered_name": registered}
    return DENSE | {"config": {"activation": function}}


CUSTOM = [
    DENSE | {"module": "layers_of_mine", "class_name": "Swish", "registered_name": "Custom>Swish"},
    DENSE | {"module": None, "class_name": "Swish"},
    DENSE | {"module": "os", "class_name": "system"},
    DENSE | {"module": "keras.utils", "class_name": "get_file"},
    DENSE | {"module": "keras.config", "class_name": "enable_unsafe_deserialization"},
    DENSE | {"module": "keras.src.saving.serialization_lib", "class_name": "SafeModeScope"},
    DENSE | {"module": "keras.layers.evil", "class_name": "system"},
    DENSE | {"registered_name": "Custom>Dense"},
    DENSE
    | {"config": {"activation": {"module": "builtins", "class_name": "function", "config": "f", "registered_name": "my>f"}}},
    DENSE
    | {
        "config": {
            "activation": {"module": "subprocess", "class_name": "function", "config": "run", "registered_name": "function"}
        }
    },
    DENSE | {"module": "keras_hub.layers", "class_name": "Anything"},
]


@pytest.mark.parametrize("layer", CUSTOM)
def test_what_is_not_keras_own_is_named(tmp_path: Path, layer: dict[str, Any]) -> None:
    found = scan_keras(keras_file(tmp_path / "m.keras", model_config(DENSE, layer)))
    assert len(found.classes) == 1 and not found.carriers


CARRIERS: dict[str, dict[str, Any]] = {
    "Lambda": model_config(DENSE | {"class_name": "Lambda", "config": {"function": "4wEAAA"}}),
    "__lambda__": model_config(DENSE | {"config": {"activation": {"class_name": "__lambda__", "config": {"value": "x"}}}}),
    "TFSMLayer": model_config(DENSE | {"class_name": "TFSMLayer", "config": {"filepath": "/tmp/evil"}}),
    "TorchModuleWrapper": model_config(model_config(DENSE | {"class_name": "TorchModuleWrapper", "config": {"module": "x"}})),
}


@pytest.mark.parametrize("name", CARRIERS)
def test_code_in_the_file_itself_is_named(tmp_path: Path, name: str) -> None:
    assert scan_keras(keras_file(tmp_path / "m.keras", CARRIERS[name])).carriers == (name,)


def _deep() -> str:
    return '{"class_name": "Sequential", "config": ' + "[" * 100_000 + "]" * 100_000 + "}"


def _nested(levels: int) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for _ in range(levels):
        config = {"a": config}
    return model_config(config)


NEVER: dict[str, Any] = {
    "reads a file": model_config(DENSE | {"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}),
    "asks an address": model_config(
        DENSE | {"class_name": "TextVectorization", "config": {"vocabulary": "http://169.254.169.254/"}}
    ),
    "type spec": model_config({"class_name": "__typespec__", "module": "os", "spec_name": "x", "config": []}),
    "class that is no name": model_config(DENSE | {"class_name": ["Dense"]}),
    "function that is no name": model_config(
        DENSE | {"config": {"activation": {"class_name": "function", "config": "a.b", "module": "builtins"}}}
    ),
    "too deep for json": _deep(),
    "too deep for us": _nested(300),
    "not json": "{",
    "not a model": [1, 2],
}


@pytest.mark.parametrize("name", NEVER)
def test_what_no_model_needs_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError):
        scan_keras(keras_file(tmp_path / "m.keras", NEVER[name]))


def test_a_compiled_loss_does_not_matter_as_it_is_never_read(tmp_path: Path) -> None:
    config = model_config(DENSE, compile_config={"loss": {"class_name": "Lambda", "module": "os", "config": {}}})
    assert not scan_keras(keras_file(tmp_path / "m.keras", config))


def _link() -> zipfile.ZipInfo:
    member = zipfile.ZipInfo("assets/link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


MEMBERS: dict[str, dict[Any, bytes]] = {
    "leads up": {"assets/../../evil.py": b""},
    "absolute": {"/etc/cron.d/evil": b""},
    "backslash": {"assets\\..\\evil": b""},
    "drive": {"C:evil": b""},
    "control": {"assets/\x1b[2J": b""},
    "link": {_link(): b"/etc/passwd"},
    "stranger": {"code.py": b"import os"},
    "pickle": {"data.pkl": b"cos\nsystem"},
}


@pytest.mark.parametrize("name", MEMBERS)
def test_members_that_do_not_belong_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError):
        scan_keras(keras_file(tmp_path / "m.keras", extra=MEMBERS[name]))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="two members"):
        scan_keras(keras_file(tmp_path / "m.keras", extra={"config.json": b"{}"}))


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    file = keras_file(tmp_path / "m.keras")
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/zeros", bytes(8 * 2**20))
    with pytest.raises(RefusedError, match="unpacks to"):
        scan_keras(file)


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((3,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3,))
    file.create_virtual_dataset("v", layout)


def _cycle(file: h5py.File) -> None:
    group = file.create_group("a")
    group["self"] = group
    group["soft"] = h5py.SoftLink("/a")


H5: dict[str, Callable[[h5py.File], Any]] = {
    "external link": lambda file: file.__setitem__("x", h5py.ExternalLink("/etc/passwd", "/")),
    "soft link": lambda file: file.__setitem__("x", h5py.SoftLink("/y")),
    "external storage": lambda file: file.create_dataset("x", (4,), "u1", external=[("/etc/passwd", 0, 4)]),
    "virtual": _virtual,
    "objects": lambda file: file.create_dataset("x", data=["text"], dtype=h5py.string_dtype()),
    "references": lambda file: file.create_dataset("x", (1,), dtype=h5py.ref_dtype),
    "records": lambda file: file.create_dataset("x", (1,), dtype=[("a", "f4")]),
    "shape bomb": lambda file: file.create_dataset("x", (2**40,), "f8", chunks=(1024,)),
    "named type": lambda file: file.__setitem__("x", np.dtype("f4")),
    "cycle": _cycle,
}


@pytest.mark.parametrize("name", H5)
def test_weights_that_are_not_plain_numbers_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError):
        scan_keras(keras_file(tmp_path / "m.keras", h5=weights(H5[name])))


def test_files_that_are_something_else_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "m.keras"
    for content in (b"", b"PK\x03\x04 torn", weights()):
        file.write_bytes(content)
        with pytest.raises(RefusedError):
            scan_keras(file)
    with pytest.raises(RefusedError):
        scan_keras(keras_file(file, h5=b"not hdf5"))


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    file = keras_file(tmp_path / "m.keras")
    whole = file.read_bytes()
    for cut in range(0, len(whole) - 1, 211):
        file.write_bytes(whole[:cut])
        with pytest.raises(RefusedError):
            scan_keras(file)
