"""What a good spec becomes: defaults, origins, profiles, the canonical form, the definition."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from platformdirs import user_config_path

from cloud_nas import spec
from local_engine import definition as engine
from local_engine.errors import BuilderError, DataError, EngineError

SHORT = "task: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build}\n"


def write(folder: Path, text: str, name: str = "spec.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_whole_definition(good: Path, project: Path) -> None:
    assert spec.definition_of(spec.load(good)) == engine.Definition(
        name="fashion-mlp",
        task="image-classification",
        data=engine.Data("builtin:digits", split=engine.Split(0.2, 0.1, 1, True)),
        objective=engine.Objective("accuracy", "maximize"),
        space=engine.ModelSpace(str(project / "model.py"), "build"),
        search=engine.Search("hyperband", 7, {"factor": 3, "iterations": 1, "asynchronous": False}),
        train=engine.Train(
            10,
            32,
            engine.StopEarly("val_loss", 5),
            (
                engine.Callback("TerminateOnNaN"),
                engine.Callback("ReduceLROnPlateau", {"factor": 0.5}),
                engine.Callback(f"{project / 'layers' / 'attention.py'}:Mine"),
            ),
        ),
        final=engine.Final("train+validation", "best"),
        budget=engine.Budget(30, None, 7200.0),
        code=engine.Code(str(project), ("layers/",), ()),
    )


def test_a_definition_survives_json(good: Path) -> None:
    definition = spec.definition_of(spec.load(good))
    assert engine.Definition.from_json(json.loads(json.dumps(definition.to_json()))) == definition


def test_the_least_spec_and_its_defaults(project: Path) -> None:
    definition = spec.definition_of(spec.load(write(project, SHORT, "My first.spec.yaml")))
    assert definition.name == "My-first-spec"
    assert definition.objective == engine.Objective("accuracy", "maximize")
    assert definition.search == engine.Search("random", 0, {})
    assert definition.train == engine.Train(10, 32, None, ())
    assert definition.budget == engine.Budget(None, None, None)
    assert definition.data.split == engine.Split(0.2, 0.1, 1, True)


def test_regression_is_judged_by_its_error(project: Path) -> None:
    text = SHORT.replace("image-classification", "tabular-regression").replace("digits", "diabetes")
    assert spec.definition_of(spec.load(write(project, text))).objective == engine.Objective("rmse", "minimize")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("val_accuracy", "accuracy"), ("accuracy", "accuracy"), ("log_loss", "log_loss"), ("val_loss", "loss")],
)
def test_a_metric_is_measured_on_the_validation_part(project: Path, metric: str, expected: str) -> None:
    loaded = spec.load(write(project, SHORT + f"objective: {{metric: {metric}}}\n"))
    assert loaded.spec.objective.metric == expected
    assert loaded.warnings == ()


def test_a_metric_of_the_models_own(project: Path) -> None:
    loaded = spec.load(write(project, SHORT + "objective: {metric: sharpe, goal: maximize}\n"))
    assert [(one.code, one.severity) for one in loaded.warnings] == [("CN124", "warning")]
    assert spec.definition_of(loaded).objective == engine.Objective("sharpe", "maximize")


def test_an_unusual_goal_and_an_unusual_monitor_are_warnings(project: Path) -> None:
    text = SHORT + "objective: {metric: accuracy, goal: minimize}\ntrain: {stop_early: {monitor: val_los}}\n"
    loaded = spec.load(write(project, text))
    assert [(one.code, one.line, one.column) for one in loaded.warnings] == [("CN125", 4, 37), ("CN132", 5, 31)]
    assert spec.definition_of(loaded).objective.goal == "minimize"


@pytest.mark.parametrize(("source", "test"), [("divided.npz", None), ("mnist", None), ("whole.npz", 0.1), ("layers", 0.1)])
def test_a_source_with_a_test_part_of_its_own_keeps_it(project: Path, source: str, test: float | None) -> None:
    loaded = spec.load(write(project, SHORT.replace("builtin:digits", source)))
    assert loaded.spec.data.split.test == test


def test_no_test_part_where_none_is_wanted(project: Path) -> None:
    assert spec.load(write(project, SHORT.replace("digits", "digits, split: {test: 0}"))).spec.data.split.test == 0


def test_durations_are_seconds(project: Path) -> None:
    for text, seconds in {"2h": 7200, "90s": 90, "1h30m": 5400, "1.5h": 5400, "90": 90, "1d": 86400, "0.5": 0.5}.items():
        assert spec.load(write(project, SHORT + f"budget: {{time: {text}}}\n")).spec.budget.time == seconds


def test_origins_and_their_order(project: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        project,
        "[profile.quick.budget]\ntrials = 3\nepochs = 30\ntime = '5m'\n[profile.quick.train]\nepochs = 2\nbatch_size = 8\n",
        "cloud-nas.toml",
    )
    user = user_config_path("cloud-nas", appauthor=False) / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text("[profile.quick.train]\nepochs = 99\n[profile.quick.final]\nfit = 'keep'\n")
    monkeypatch.setenv("CLOUD_NAS__SEARCH__SEED", "11")
    monkeypatch.setenv("CLOUD_NAS__BUDGET__EPOCHS", "40")
    below = project / "a" / "b"
    below.mkdir(parents=True)
    path = write(below, SHORT.replace("model.py", "../../model.py") + "budget: {trials: 7}\nsearch: {seed: 1}\n")
    loaded = spec.load(path, profile="quick", overrides={"budget.epochs": 50, "budget.trials": None})
    values = {
        "budget.trials": (7, "spec"),
        "budget.epochs": (50, "flag"),
        "budget.time": (300.0, "project"),
        "search.seed": (11, "environment"),
        "search.strategy": ("random", "default"),
        "train.epochs": (2, "project"),
        "train.batch_size": (8, "project"),
        "final.fit": ("keep", "user"),
        "final.keep": ("best", "default"),
        "data.source": ("builtin:digits", "spec"),
        "data.split.test": (0.1, "default"),
    }
    assert {key: (loaded.values[key], loaded.origins[key]) for key in values} == values
    monkeypatch.setenv("CLOUD_NAS_PROFILE", "quick")
    assert spec.load(path).spec.train.epochs == 2
    monkeypatch.delenv("CLOUD_NAS_PROFILE")
    assert spec.load(path).spec.train.epochs == 10


def test_places_have_defaults_in_configuration(project: Path) -> None:
    write(
        project,
        "[targets.sagemaker]\nregion = 'eu-west-1'\nbucket = 'ours'\nparallel = 2\ntags = {team = 'vision'}\n"
        "[profile.big.targets.sagemaker]\ninstance = 'ml.g5.xlarge'\nparallel = 8\n",
        "cloud-nas.toml",
    )
    user = user_config_path("cloud-nas", appauthor=False) / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text("[targets.sagemaker]\nbucket = 'mine'\nrole = 'arn:aws:iam::123456789012:role/x'\n")
    path = write(project, SHORT + "targets: {sagemaker: {region: us-east-1}}\n")
    plain, big = spec.load(path), spec.load(path, profile="big")
    place = plain.spec.targets.sagemaker
    assert (place.region, place.bucket, place.parallel, place.tags) == ("us-east-1", "ours", 2, {"team": "vision"})
    origins = {key: plain.origins[f"targets.sagemaker.{key}"] for key in ("region", "bucket", "role", "volume")}
    assert origins == {"region": "spec", "bucket": "project", "role": "user", "volume": "default"}
    assert (big.spec.targets.sagemaker.instance, big.spec.targets.sagemaker.parallel) == ("ml.g5.xlarge", 8)


def test_where_it_runs_and_what_it_may_cost_are_not_what_is_searched(project: Path) -> None:
    plain = spec.load(write(project, SHORT))
    placed = spec.load(write(project, SHORT + "targets: {sagemaker: {region: us-east-1}}\nbudget: {cost: 20 USD}\n", "b.yaml"))
    assert (plain.identity, placed.identity) == (plain.identity, plain.identity)
    assert plain.sha256 != placed.sha256 and placed.spec.budget.cost == 20.0


def test_a_source_in_a_bucket_is_an_address_until_it_is_staged(project: Path) -> None:
    split = "split: {test: 's3://mine/held.csv'}"
    text = f"task: tabular-classification\ndata: {{source: 's3://mine/a/rows.csv', target: y, {split}}}\n"
    data = spec.definition_of(spec.load(write(project, text + "space: {model: model.py:build}\n"))).data
    assert (data.source, data.split.test) == ("s3://mine/a/rows.csv", "s3://mine/held.csv")
    whole = SHORT.replace("builtin:digits", "s3://mine/mnist.npz")
    divided = spec.load(write(project, whole)).spec.data.split
    assert divided.test is None, "the source may have a test part of its own, which only its content shows"


def test_every_value_has_an_origin(good: Path) -> None:
    loaded = spec.load(good)
    assert set(loaded.origins) == set(loaded.values)
    assert loaded.origins["search.iterations"] == "default"
    assert loaded.origins["train.callbacks"] == "spec"
    assert loaded.origins["train.stop_early.mode"] == "default"


def test_the_options_of_a_profiles_strategy_are_not_those_of_another(project: Path) -> None:
    write(project, "[profile.p.search]\nstrategy = 'hyperband'\nfactor = 4\nseed = 5\n", "cloud-nas.toml")
    search = spec.load(write(project, SHORT + "search: {strategy: bayesian}\n"), profile="p").spec.search
    assert (search.strategy, search.seed, search.model_extra) == ("bayesian", 5, {"surrogate": "tpe", "startup_trials": 10})
    search = spec.load(write(project, SHORT), profile="p").spec.search
    assert (search.strategy, search.model_extra) == ("hyperband", {"factor": 4, "iterations": 1, "asynchronous": False})


@pytest.mark.parametrize(
    ("text", "profile", "found"),
    [
        ("[profile.quick.budget]\ntime = 5m\n", "quick", ("CN117", 2, 9)),
        ("[profile.quick.budget]\n\ntrials = 0\n", "quick", ("CN109", 3, 1)),
        ("[profile.quick]\nbudget.trialz = 3\n", "quick", ("CN104", 2, 1)),
        ("[profile.quick.data]\nsource = 'x'\n", "quick", ("CN104", 1, 2)),
        ("[targets.ray]\naddress = 'x'\n", None, ("CN112", 1, 2)),
        ("targets = 3\n", None, ("CN108", 1, 1)),
        ("[targets.sagemaker]\n\nregion = 'nowhere'\n", None, ("CN137", 3, 1)),
        ("[targets.sagemaker]\nbuket = 'x'\n", None, ("CN104", 2, 1)),
        ("profile = 3\n", None, ("CN108", 1, 1)),
        ("[profile]\nquick = 3\n", None, ("CN108", 2, 1)),
        ("[profile.quick.budget]\ntrials = 3\n", "quik", ("CN118", 1, 1)),
    ],
)
def test_mistakes_in_configuration_are_told_at_their_line_of_it(
    project: Path, text: str, profile: str | None, found: tuple[str, int, int]
) -> None:
    config = write(project, text, "cloud-nas.toml")
    loaded, diagnostics = spec.read(write(project, SHORT), profile=profile)
    assert loaded is None
    assert (diagnostics[0].code, diagnostics[0].line, diagnostics[0].column) == found
    assert diagnostics[0].file == str(config)


def test_mistakes_in_flags_and_variables_name_them(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS__BUDGET__TRIALS", "none")
    _, diagnostics = spec.read(write(project, SHORT), overrides={"budget.time": "soon"})
    assert [(one.file, one.code) for one in diagnostics] == [
        ("$CLOUD_NAS__BUDGET__TRIALS", "CN108"),
        ("flag budget.time", "CN113"),
    ]


def test_the_canonical_form_does_not_depend_on_how_it_is_written(project: Path) -> None:
    first = spec.load(write(project, SHORT + "search: {strategy: hyperband, factor: 3}\nobjective: {metric: val_accuracy}\n"))
    second = spec.load(
        write(
            project,
            "space:\n  model: 'model.py:build' # mine\nsearch: {strategy: \"hyperband\"}\ndata:\n  source: builtin:digits\n"
            "task: image-classification\nname: spec\nbudget: {time: null}\n",
        )
    )
    assert first.sha256 == second.sha256
    assert first.identity == second.identity


@pytest.mark.parametrize(
    ("text", "same"),
    [("budget: {trials: 3}", True), ("name: other", True), ("search: {seed: 1}", False), ("train: {epochs: 3}", False)],
)
def test_budget_and_name_are_no_part_of_what_is_searched(project: Path, text: str, same: bool) -> None:
    first, second = spec.load(write(project, SHORT)), spec.load(write(project, SHORT + text + "\n"))
    assert first.sha256 != second.sha256
    assert (first.identity == second.identity) is same


BEFORE = "search: {strategy: hyperband, factor: 4, seed: 7}\ntrain: {epochs: 12, stop_early: {}}\nbudget: {trials: 9, time: 2h}\n"


@pytest.mark.parametrize(
    ("text", "identity", "sha256"),
    [
        (
            BEFORE,
            "0b5a95212397440477fdd89127f203a87485680d4321b57d5d36f0d63346bc2c",
            "fc1afc7e1059d8bc5576d805e45dcc6da948f28bd13b7f086402bdec9dbfcbe3",
        ),
        (
            "search: {strategy: bayesian}\n",
            "77ac49c4bd6fa8f1cad53a584464decaef66d70d86512c96714aa9a555f10531",
            "24196beb5fee0847b88badb322e8882ba3fa77480dca11398030ef713bc2ed67",
        ),
    ],
)
def test_an_upgrade_does_not_make_another_run_of_a_spec(project: Path, text: str, identity: str, sha256: str) -> None:
    """The hashes are those of the first version, without `train.time`, `search.asynchronous` and `search.warm_start`."""
    loaded = spec.load(write(project, SHORT + text))
    assert (loaded.identity, loaded.sha256) == (identity, sha256)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("seed: 7", "seed: 7, asynchronous: true"),
        ("epochs: 12", "epochs: 12, time: 30m"),
        ("hyperband, factor: 4", "bayesian, warm_start: r-7k2xq"),
    ],
)
def test_a_key_that_came_later_is_a_part_of_what_is_searched(project: Path, before: str, after: str) -> None:
    loaded = spec.load(write(project, SHORT + BEFORE.replace(before, after)))
    without = spec.load(write(project, SHORT + BEFORE.replace(before, after.partition(", ")[0] if "warm" in after else before)))
    assert loaded.identity != without.identity


def test_keys_that_came_later_reach_the_engine(project: Path) -> None:
    text = "search: {strategy: hyperband, asynchronous: true}\ntrain: {time: 30m}\n"
    definition = spec.definition_of(spec.load(write(project, SHORT + text)))
    assert definition.search.options["asynchronous"] is True
    assert definition.train.seconds == 1800.0 and definition.budget.seconds is None


def test_a_definition_of_the_first_schema_is_read(good: Path) -> None:
    definition = spec.definition_of(spec.load(good))
    first = json.loads(json.dumps(definition.to_json())) | {"schema": 1}
    del first["train"]["seconds"], first["search"]["prior"]
    assert engine.Definition.from_json(first) == definition
    with pytest.raises(EngineError, match="schema 3; this version reads up to 2"):
        engine.Definition.from_json(first | {"schema": 3})


def test_what_another_run_found_survives_json(good: Path) -> None:
    definition = spec.definition_of(spec.load(good))
    prior = (engine.Prior({"units": 32, "rate": 0.1, "kind": "a", "flag": True}, 0.9),)
    warm = dataclasses.replace(definition, search=dataclasses.replace(definition.search, prior=prior))
    assert engine.Definition.from_json(json.loads(json.dumps(warm.to_json()))) == warm


def test_positions(good: Path) -> None:
    loaded = spec.load(good)
    assert loaded.position("data.split.seed") == (7, 45)
    assert loaded.position("train.callbacks.1") == (20, 31)
    assert loaded.position("data.target") == (5, 1)
    assert loaded.position("search.iterations") == (12, 1)


def test_what_the_engine_finds_is_told_at_the_line_of_the_spec(project: Path) -> None:
    text = "task: tabular-classification\ndata:\n  source: flowers.csv\n  target: kind\nspace: {model: model.py:build}\n"
    loaded = spec.load(write(project, text))
    column = spec.diagnostic_for(loaded, DataError("there is no column kind", field="data.target", choices=("kinds", "b")))
    assert (column.code, column.line, column.column, column.hint) == ("CN202", 4, 11, 'did you mean "kinds"?')
    other = spec.diagnostic_for(loaded, DataError("a class has one row", field="data.split.test", hint="leave it out"))
    assert (other.code, other.line, other.hint) == ("CN210", 2, "leave it out")
    model = spec.diagnostic_for(loaded, BuilderError("build failed"))
    assert (model.code, model.line, model.source) == ("CN227", 5, "space: {model: model.py:build}")
