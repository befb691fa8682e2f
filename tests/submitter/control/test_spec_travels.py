"""A loaded spec goes to the process in the background as it is: values, origins and places, whatever layer they are from."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import cloud_nas as cn
from cloud_nas.spec import load


def test_a_loaded_spec_is_the_same_in_another_process(make_spec: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    spec = make_spec()
    (spec.parent / "cloud-nas.toml").write_text("[profile.quick.train]\nbatch_size = 32\nepochs = 3\n")
    monkeypatch.setenv("CLOUD_NAS__SEARCH__SEED", "11")
    spec.write_text(spec.read_text().replace("train: {epochs: 2, batch_size: 64}", "train: {epochs: 2}"))
    loaded = load(spec, profile="quick", overrides={"budget.trials": 5})
    there: cn.LoadedSpec = pickle.loads(pickle.dumps(loaded))
    assert (there.values, there.origins, there.sha256, there.identity) == (
        loaded.values,
        loaded.origins,
        loaded.sha256,
        loaded.identity,
    )
    assert {"flag", "environment", "spec", "project"} <= set(there.origins.values())
    for key in ("budget.trials", "search.seed", "train.epochs", "train.batch_size"):
        assert there.diagnostic("CN110", key, "wrong") == loaded.diagnostic("CN110", key, "wrong")
