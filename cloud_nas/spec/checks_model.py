"""The spec against the user's code, read and never run: the model's function and the callbacks' classes are in their files."""

from __future__ import annotations

from pathlib import Path as FilePath

from cloud_nas.spec import paths
from cloud_nas.spec.checks import Check
from cloud_nas.spec.modelfile import read_model_file
from cloud_nas.spec.suggest import did_you_mean, nearest
from cloud_nas.spec.yaml import Path

CALLBACKS = (
    "BackupAndRestore",
    "CSVLogger",
    "EarlyStopping",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
)
"""Keras' own callbacks, less those that take a function."""

_WITH_FUNCTION = ("Callback", "LambdaCallback", "LearningRateScheduler")


def check_model(check: Check) -> None:
    """`file.py:name` is a file that parses and defines that name."""
    place: Path = ("space", "model")
    if check.findings.ok(place):
        _check_reference(check, check.spec.space.model, place, "the model", "function")


def check_callbacks(check: Check) -> None:
    """Each callback is one of Keras' own, or a class in a file."""
    for index, entry in enumerate(check.spec.train.callbacks):
        place: Path = ("train", "callbacks", index)
        if not check.findings.ok(place):
            continue
        name = next(iter(entry))
        if ":" in name or name.endswith(".py"):
            _check_reference(check, name, place, "the callback", "Class")
        elif name in _WITH_FUNCTION:
            hint = 'write a class of your own and name it "file.py:Class"'
            check.findings.error("CN131", place, f"{name} takes a function, which a spec cannot hold", hint)
        elif name not in CALLBACKS:
            near = nearest(name, CALLBACKS)
            hint = f'did you mean "{near}"?' if near else 'one of your own is written "file.py:Class"'
            check.findings.error("CN133", place, f'Keras has no callback "{name}"', hint)


def split_reference(text: str) -> tuple[str, str] | None:
    """`file.py:name` as its two parts, None where it is not of this form."""
    file, separator, name = text.rpartition(":")
    if not separator or not name.isidentifier() or not file.lower().endswith(".py"):
        return None
    return file, name


def _check_reference(check: Check, text: str, place: Path, what: str, kind: str) -> None:
    findings = check.findings
    parts = split_reference(text)
    if parts is None:
        findings.error("CN221", place, f"{what} is written file.py:{kind}, not {text}", _form_hint(check, text, kind))
        return
    file, name = parts
    path = check.path(file, place)
    if path is None:
        return
    if path.is_dir() if paths.exists(path) else False:
        findings.error("CN220", place, f"{file} is a folder", f"name a Python file in it: file.py:{kind}")
    elif not paths.exists(path):
        near = paths.nearest_file(path, ".py")
        hint = f'did you mean "{near}:{name}"?' if near else f"paths are relative to {check.folder}"
        findings.error("CN220", place, f"there is no {file}", hint)
    else:
        _check_name(check, path, name, place)


def _check_name(check: Check, path: FilePath, name: str, place: Path) -> None:
    module = read_model_file(path)
    if module.broken is not None:
        where = f"line {module.line}: " if module.line else ""
        check.findings.error("CN223", place, f"{path.name} is not valid Python: {where}{module.broken}", f"mend {path}")
    elif module.names is not None and name not in module.names:
        public = sorted(one for one in module.names if not one.startswith("_"))
        hint = did_you_mean(name, public, what="it defines") or "it defines nothing"
        check.findings.error("CN222", place, f'there is no "{name}" in {path.name}', hint)


def _form_hint(check: Check, text: str, kind: str) -> str | None:
    """`model.py` alone, `model:build` and `model.build` are common; names the file's own functions where it can."""
    stem = text.split(":")[0].removesuffix(".py")
    for candidate in (f"{stem}.py", f"{stem.rpartition('.')[0]}.py"):
        try:
            path = paths.resolve(candidate, check.folder)
        except ValueError:
            return None
        if candidate != ".py" and paths.exists(path) and path.is_file():
            names = sorted(one for one in read_model_file(path).names or () if not one.startswith("_"))
            last = text.replace(":", ".").removesuffix(".py").rpartition(".")[2]
            name = nearest(last, names) or next((one for one in names if "model" in one or "build" in one), kind)
            return f'did you mean "{candidate}:{name}"?'
    return f"such as model.py:{'model_builder' if kind == 'function' else 'Class'}"
