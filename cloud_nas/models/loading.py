"""From an artifact folder to a model that predicts, for folders that may come from anywhere.

In this order: the manifest is read; every file is hashed against it; the model's file is looked through without loading it; what
is not Keras' or scikit-learn's own is loaded only where it is trusted; then the engine loads it, without compiling. A model that
was made by a run of this machine, as its registry knows by the hashes, is loaded into this process; any other in one of its own
(`apart`), code that `--trust` lets in included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import RefusedError
from cloud_nas.models import manifest as manifests
from cloud_nas.models.apart import ApartModel
from cloud_nas.models.archive import check_archive
from cloud_nas.models.arrays import check_arrays
from cloud_nas.models.keras_config import Foreign
from cloud_nas.models.manifest import Manifest
from cloud_nas.models.scanning import scan_keras, scan_keras_lightly
from cloud_nas.models.verify import require_whole
from local_engine.errors import MissingDependencyError
from local_engine.training.manifest import code_sha256

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part
    from local_engine.training.speed import Speed

Trusts = Callable[[str], bool]
"""Whether a sha256, of code or of a model's file, is of something that ran on this machine."""

_CODE = "code"


@dataclass(frozen=True)
class HereModel:
    """A model in this process; `manifest` tells what it takes and gives."""

    manifest: Manifest
    model: Any

    def outputs(self, parts: Sequence[Part]) -> list[np.ndarray]:
        """What the model gives for the rows of each part, (n,) or (n, units), of the kind that `manifest.output` names."""
        from local_engine.training.predicting import predict

        return [predict(self.model, part) for part in parts]

    def measured(self, parts: Sequence[Part]) -> tuple[list[np.ndarray], Speed | None]:
        """The outputs, and how fast the model gives those of the first part."""
        from local_engine.training.speed import measure

        return self.outputs(parts), measure(self.model, parts[0])


LoadedModel = HereModel | ApartModel
"""A model that predicts, wherever it does so: both have `manifest`, `outputs(parts)` and `measured(parts)`."""


def nothing(sha256: str) -> bool:
    """Trusts nothing."""
    return False


def load(folder: Path, *, trusts: Trusts = nothing, trust: bool = False, here: bool = False) -> LoadedModel:
    """Loads the model of an artifact folder, or gets ready to do so in a process of its own.

    Args:
        folder: the artifact.
        trusts: says of a sha256 whether that code, or that model file, ran on this machine.
        trust: load the model's own code whatever it is.
        here: load it into this process, which made it a moment ago.

    Raises:
        NotFoundError: there is no artifact.
        FailedError: a file is not what the manifest says.
        RefusedError: the model's file is not safe, or needs code that is not trusted. What only the model's own process sees, it
            says when it is asked for outputs.
    """
    manifest = manifests.read(folder)
    require_whole(manifest)
    if here or made_here(manifest, trusts):
        return load_here(manifest, trusts=trusts, trust=trust)
    if manifest.kind == "keras":
        _require_allowed(manifest, scan_keras_lightly(manifest.model_file), trusts, trust)
    known = tuple(sha256 for sha256 in dict.fromkeys((manifest.model_sha256, code_of(manifest.folder))) if trusts(sha256))
    return ApartModel(manifest, known, trust)


def made_here(manifest: Manifest, trusts: Trusts) -> bool:
    """Whether all of a model's files that are loaded, its code included, were made by runs of this machine."""
    if not all(trusts(sha256) for sha256 in manifest.loaded.values()):
        return False
    return not manifest.raw["custom_objects"] or trusts(code_of(manifest.folder))


def load_here(manifest: Manifest, *, trusts: Trusts, trust: bool) -> HereModel:
    """Loads a model into this process; its files are what its manifest says.

    Raises:
        RefusedError: the model's file is not safe, or needs code that is not trusted.
    """
    if manifest.kind == "keras":
        foreign = scan_keras(manifest.model_file)
    else:
        foreign = scan_estimator(manifest.model_file)
        if needs := scan_keras(manifest.folder / manifests.PREPROCESSING):
            raise RefusedError(
                f"{manifests.PREPROCESSING} is refused: preprocessing has no code of its own, this one has {_shown(needs)}"
            )
    foreign = _require_allowed(manifest, foreign, trusts, trust)

    from local_engine.training.predicting import load_model  # brings Keras, which comes after all that was looked at

    return HereModel(manifest, load_model(manifest.folder, trust=bool(foreign)))


def _require_allowed(manifest: Manifest, foreign: Foreign, trusts: Trusts, trust: bool) -> Foreign:
    """What the model needs beside Keras, where that may be loaded.

    Raises:
        RefusedError: it may not.
    """
    if not foreign and manifest.raw["custom_objects"]:
        foreign = Foreign(classes=("what its manifest asks for",))
    if foreign and not trust:
        _require_trust(manifest, foreign, trusts)
    return foreign


def scan_estimator(path: Path) -> Foreign:
    """The types in a `.skops` file that are neither on skops' allow-list nor classes of scikit-learn, NumPy and SciPy.

    Raises:
        RefusedError: the file is damaged, or holds members that do not belong into one.
    """
    from local_engine.training.estimators import is_known_type, untrusted_types

    names = check_archive(path, lambda name: name == "schema.json" or name.endswith((".npy", ".npz")))
    check_arrays(path, [name for name in names if name.endswith(".npy")])
    try:
        types = untrusted_types(path)
    except MissingDependencyError:
        raise
    except Exception as error:
        raise RefusedError(f"{path.name} is not an estimator: {type(error).__name__}", where=str(path)) from error
    return Foreign(classes=tuple(name for name in types if not is_known_type(name)))


def _require_trust(manifest: Manifest, foreign: Foreign, trusts: Trusts) -> None:
    """Code beside the model has to be known by its hash; code inside the model's file, by the file's."""
    hint = "--trust loads it; do that only where you know who made it"
    if foreign.carriers and not trusts(manifest.model_sha256):
        raise RefusedError(f"the model holds code in its file ({', '.join(foreign.carriers)}), and was not made here", hint=hint)
    if foreign.classes and not trusts(code_of(manifest.folder)):
        raise RefusedError(f"the model needs code that has not run on this machine: {_shown(foreign)}", hint=hint)


def code_of(folder: Path) -> str:
    """The sha256 of the code that lies beside a model, of every file there, whatever the manifest says."""
    code = folder / _CODE
    return code_sha256([path for path in code.rglob("*") if path.is_file()], str(code))


def _shown(foreign: Foreign) -> str:
    return ", ".join((foreign.classes + foreign.carriers)[:5])
