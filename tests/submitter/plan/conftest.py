"""Jobs as a target plans them, made of the templates' specs: no data is read and no model is built."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.operations._job import lines_of
from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.spec import definition_of, load
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Job, JobName, Rows
from local_engine.space.flat import Space

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[2] / "templates"

PLACES = {
    "sagemaker": {"region": "eu-west-1", "bucket": "my-bucket", "role": "'arn:aws:iam::123456789012:role/search'"},
    "vertex": {"project": "my-project", "location": "europe-west4", "bucket": "my-bucket"},
}

ROWS = {
    "image": Rows("image", 1280, 337, 180, {str(digit): (128, 33) for digit in range(10)}, fingerprint="digits"),
    "sklearn": Rows("table", 100, 42, 36, {"0": (33, 14), "1": (40, 17), "2": (27, 11)}, {"alcohol": "number"}, "wine"),
    "table": Rows(
        "table", 512, 128, 160, {"no": (340, 85), "yes": (172, 43)}, {"age": "number", "plan": "category"}, "customers"
    ),
    "text": Rows("text", 384, 96, 120, {"bad": (192, 48), "good": (192, 48)}, {"review": "text"}, "reviews"),
}

_FILES = {
    "trial": (ParcelFile("sourcedir.tar.gz", "aa" * 32, 250_000),),
    "engine": (
        ParcelFile("sourcedir.tar.gz", "ab" * 32, 260_000),
        ParcelFile("wheels/optuna-5.0.0-py3-none-any.whl", "bb" * 32, 400_000, "optuna==5.0.0"),
    ),
    "bundle": (ParcelFile("bundle.json", "cc" * 32, 900), ParcelFile("train.npy", "dd" * 32, 650_000)),
    "automl": (ParcelFile("train/rows.csv", "ee" * 32, 30_000), ParcelFile("validation/rows.csv", "ff" * 32, 8_000)),
    "vertex": (ParcelFile("names.json", "fe" * 32, 90), ParcelFile("rows.csv", "ef" * 32, 38_000)),
    "vertex-images": (ParcelFile("images.csv", "fa" * 32, 900), ParcelFile("images/00000000.png", "fb" * 32, 120)),
    "vertex-import": (ParcelFile("import.csv", "fc" * 32, 2_000),),
}


def space_of(template: str) -> Space:
    """The space of a template's model, as it was found once; a test builds the models and compares."""
    return Space.from_json(json.loads((HERE / "spaces" / f"{template}.json").read_text()))


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    """Makes the job of a template's spec at a target.

    `place` are further keys of the target's section; `edits` are texts of the spec and what stands there instead.
    """

    def make(
        template: str,
        on: str,
        *,
        place: str = "",
        edits: Mapping[str, str] | None = None,
        space: Space | None = None,
        parent: str | None = None,
        name: JobName | None = None,
        rows: Rows | None = None,
    ) -> Job:
        folder = tmp_path / template
        if not folder.is_dir():
            shutil.copytree(TEMPLATES / template, folder)
        text = (TEMPLATES / template / "spec.yaml").read_text()
        for before, after in (edits or {}).items():
            assert before in text, f"the template has no {before!r}"
            text = text.replace(before, after)
        section = on.partition(":")[0]
        keys = [f"{key}: {value}" for key, value in PLACES[section].items() if f"{key}: " not in place] + [place] * bool(place)
        (folder / "spec.yaml").write_text(f"{text}\ntargets:\n  {section}: {{{', '.join(keys)}}}\n")
        loaded = load(folder / "spec.yaml")
        target = find(on)
        assert isinstance(target, Submits)
        needs: Any = find(on).needs
        kinds = {"rows": needs.rows, "code": needs.code}
        if needs.rows == "vertex" and (rows or ROWS[template]).kind == "image":
            kinds |= {"rows": "vertex-images", "import": "vertex-import"}
        return Job(
            definition=definition_of(loaded),
            name=name or JobName("r-7k2xq", 1, "0123456789abcdef", "ada"),
            rows=rows or ROWS[template],
            place=target.settings(loaded.spec.targets.model_dump(mode="json")[section]),
            parcels={what: Parcel(Path("parcels") / what, _FILES[kind]) for what, kind in kinds.items() if kind},
            space=(space or space_of(template)) if needs.space else None,
            lines=lines_of(loaded),
            tags={"name": loaded.spec.name or "", "spec": "5" * 64, "identity": "1" * 64},
            parent=parent,
        )

    return make
