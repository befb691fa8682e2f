"""Artifact folders: found by name, verified, refused where they were changed or bring code, and used to predict and to score."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cloud_nas as cn
from cloud_nas.home import run_folder
from cloud_nas.models import predictions
from cloud_nas.models.loading import scan_estimator

from .conftest import forge


def rewrite_config(artifact: Path, change: Any) -> Path:
    """Changes the configuration inside the model's file, and makes the manifest agree."""
    file = artifact / "model.keras"
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return forge(artifact)


def test_a_whole_artifact_verifies_by_folder_run_and_trial(finished: cn.RunResult) -> None:
    assert finished.model is not None and finished.best is not None
    for name in (finished.model, finished.run_id, f"{finished.run_id}/{finished.best.trial}"):
        found = cn.verify(name)
        assert found.ok and "model.keras" in found.whole and not found.unlisted
    assert "predictions.parquet" in cn.verify(finished.run_id).whole


@pytest.mark.parametrize("file", ["model.keras", "metrics.json", "predictions.parquet"])
def test_a_flipped_byte_is_found(artifact: Path, file: str) -> None:
    content = bytearray((artifact / file).read_bytes())
    content[len(content) // 2] ^= 1
    (artifact / file).write_bytes(bytes(content))
    found = cn.verify(artifact)
    assert not found.ok and found.different == (file,)
    if file != "metrics.json":
        with pytest.raises(cn.FailedError, match=r"is not the one"):
            cn.predict(artifact, "builtin:digits")


def test_missing_linked_and_unlisted_files_are_told_apart(artifact: Path, tmp_path: Path) -> None:
    (artifact / "extra.txt").write_text("hello")
    assert cn.verify(artifact).ok and cn.verify(artifact).unlisted == ("extra.txt",)
    shutil.move(artifact / "model.keras", tmp_path / "elsewhere.keras")
    assert cn.verify(artifact).missing == ("model.keras",)
    (artifact / "model.keras").symlink_to(tmp_path / "elsewhere.keras")
    assert cn.verify(artifact).different == ("model.keras",)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"schema": 99}', '{"schema": 1}', '{"schema": 1, "files": {"../x": {"sha256": "a"}}}', '{"schema": "a"}'],
)
def test_a_manifest_that_is_none_is_said(artifact: Path, text: str) -> None:
    (artifact / "manifest.json").write_text(text)
    with pytest.raises(cn.FailedError):
        cn.verify(artifact)


def test_models_are_found_by_name_with_a_did_you_mean(finished: cn.RunResult, tmp_path: Path) -> None:
    with pytest.raises(cn.NotFoundError, match="no model"):
        cn.verify(tmp_path)
    wrong = finished.run_id[:-1] + ("a" if finished.run_id[-1] != "a" else "b")
    with pytest.raises(cn.NotFoundError) as error:
        cn.predict(wrong, "builtin:digits")
    assert error.value.exit_status == 5 and error.value.hint == f"did you mean {finished.run_id}?"
    with pytest.raises(cn.NotFoundError, match="no model of trial 77"):
        cn.verify(f"{finished.run_id}/77")


def test_held_out_rows_score_as_the_run_said(finished: cn.RunResult) -> None:
    found = cn.evaluate(finished.run_id, "builtin:digits")
    assert found.part == "test" and found.metrics == pytest.approx(finished.test)
    assert set(found.to_json()) == {"n", "part", "metrics"}
    whole = cn.evaluate(finished.run_id, "builtin:digits", part="all")
    assert whole.n == 1797
    sizes = [cn.evaluate(finished.run_id, "builtin:digits", part=part).n for part in ("train", "validation", "test")]  # type: ignore[arg-type]
    assert sum(sizes) == whole.n and sizes[2] == found.n


def test_other_rows_are_scored_whole(finished: cn.RunResult, tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = digits.images.astype(np.float32)[:100], digits.target[:100]
    np.savez(tmp_path / "some.npz", x=images, y=labels)
    found = cn.evaluate(finished.run_id, tmp_path / "some.npz")
    assert (found.n, found.part) == (100, "all")
    with pytest.raises(cn.UsageError, match="no validation part"):
        cn.evaluate(finished.run_id, tmp_path / "some.npz", part="validation")


def test_predictions_name_rows_classes_and_what_was_scored(finished: cn.RunResult, tmp_path: Path) -> None:
    found = cn.predict(finished.run_id, "builtin:digits", out=tmp_path / "p.parquet")
    assert found.n == 1797 and found.probabilities is not None
    assert found.about.classes == tuple("0123456789")
    assert np.allclose(found.probabilities.sum(axis=1), 1)
    read = predictions.read(tmp_path / "p.parquet")
    assert read.about == found.about and np.array_equal(read.row_id, found.row_id)
    own = predictions.read(run_folder(finished.run_id) / "model" / "predictions.parquet")
    assert own.about.part == "test" and own.about.model_sha256 == found.about.model_sha256
    rows = {row: index for index, row in enumerate(found.row_id)}
    at = [rows[row] for row in own.row_id]
    assert own.probabilities is not None and np.allclose(found.probabilities[at], own.probabilities, atol=1e-6)


def test_a_model_with_code_of_its_makers_is_refused(artifact: Path) -> None:
    def swap(config: dict[str, Any]) -> None:
        config["config"]["layers"][-1] |= {"module": "evil", "class_name": "Layer", "registered_name": "evil>Layer"}

    rewrite_config(artifact, swap)
    with pytest.raises(cn.RefusedError, match="has not run on this machine: evil:Layer") as error:
        cn.predict(artifact, "builtin:digits")
    assert error.value.exit_status == 9 and "--trust" in (error.value.hint or "")


def test_code_in_the_models_file_is_refused(artifact: Path) -> None:
    def swap(config: dict[str, Any]) -> None:
        config["config"]["layers"][-1]["class_name"] = "Lambda"

    rewrite_config(artifact, swap)
    with pytest.raises(cn.RefusedError, match="holds code in its file"):
        cn.evaluate(artifact, "builtin:digits")


def test_a_manifest_that_asks_for_code_gets_none(artifact: Path, tmp_path: Path) -> None:
    (artifact / "code").mkdir()
    (artifact / "code" / "m.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    forge(artifact, "code/m.py", custom_objects=True, builder={"file": "m.py", "name": "build"})
    with pytest.raises(cn.RefusedError):
        cn.predict(artifact, "builtin:digits")
    outside = tmp_path / "outside.py"
    outside.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    forge(artifact, custom_objects=True, builder={"file": str(outside), "name": "build"})
    with pytest.raises(cn.FailedError):
        cn.predict(artifact, "builtin:digits", trust=True)
    assert not (tmp_path / "ran").exists()


CUSTOM = """
import keras


class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 0.5


def build(hp):
    layers = [keras.layers.Flatten(), Scale(), keras.layers.Dense(hp.Choice("u", [10]), activation="softmax")]
    model = keras.Sequential(layers)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


def test_code_that_ran_here_is_trusted_and_elsewhere_is_not(
    make_spec: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = cn.run(make_spec(model=CUSTOM, budget="{trials: 1}", train="{epochs: 1, batch_size: 256}", final="{fit: keep}"))
    assert result.test is not None and result.model is not None
    assert (Path(result.model) / "code" / "model.py").is_file()
    assert cn.evaluate(result.run_id, "builtin:digits").metrics == pytest.approx(result.test)
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "another machine"))
    with pytest.raises(cn.RefusedError, match="has not run on this machine"):
        cn.evaluate(result.model, "builtin:digits")
    assert cn.evaluate(result.model, "builtin:digits", trust=True).metrics == pytest.approx(result.test)
    assert cn.verify(result.model).ok and not cn.verify(result.model).unlisted


def test_estimators_of_strangers_are_looked_through(tmp_path: Path) -> None:
    import os

    import skops.io
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.preprocessing import FunctionTransformer

    x, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    honest = tmp_path / "honest.skops"
    skops.io.dump(HistGradientBoostingClassifier(max_iter=2).fit(x, y), honest)
    assert not scan_estimator(honest)
    evil = tmp_path / "evil.skops"
    skops.io.dump(FunctionTransformer(os.system), evil)
    assert scan_estimator(evil).classes
    for content in (b"", b"\x80\x04cos\nsystem\n", evil.read_bytes()[:200]):
        evil.write_bytes(content)
        with pytest.raises(cn.RefusedError):
            scan_estimator(evil)
