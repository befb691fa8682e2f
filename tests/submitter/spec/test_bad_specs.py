"""Specs with mistakes, and exactly what is said of each: code, line, column, and a piece of the hint."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cloud_nas import spec

HEAD = "task: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build}\n"
"""Three good lines, so that what a case adds begins on line 4."""
TABLE = "task: tabular-classification\nspace: {model: model.py:build}\ndata: "
"""Two good lines; the data stand on line 3 from column 7."""


@dataclasses.dataclass
class Case:
    name: str
    text: str
    found: tuple[tuple[str, int, int, str], ...]


def case(name: str, text: str, *found: tuple[str, int, int, str]) -> Case:
    return Case(name, text, found)


FORM = [
    case("empty", "", ("CN106", 1, 1, "init")),
    case("only a comment", "# nothing\n", ("CN106", 1, 1, "init")),
    case("a list", "- task: x\n", ("CN106", 1, 1, "begins with keys")),
    case("one word", "spec\n", ("CN106", 1, 1, "begins with keys")),
    case("not YAML", "task: [image\n", ("CN103", 2, 1, "bracket")),
    case("tab", "train:\n\tepochs: 10\n", ("CN103", 2, 1, "spaces")),
    case("colon in a value", "task: a: b\n", ("CN103", 1, 8, "quotes")),
    case("at sign", "name: @home\n", ("CN103", 1, 7, "quotes")),
    case("broken escape", 'name: "\\q"\n', ("CN103", 1, 9, "")),
    case("indentation", "train:\n  epochs: 1\n batch_size: 2\n", ("CN103", 3, 2, "")),
    case("two documents", HEAD + "---\ntask: x\n", ("CN107", 4, 1, "---")),
    case("a tag", HEAD + "name: !!python/object:os.system x\n", ("CN107", 4, 7, "tag")),
    case("an anchor", HEAD + "train: &t {epochs: 3}\n", ("CN107", 4, 8, "write each value out")),
    case("an alias", HEAD + "train: *t\n", ("CN107", 4, 8, "write the value out")),
    case("a template's braces", HEAD + "name: {{ name }}\n", ("CN107", 4, 8, "quotes")),
    case("merge key", HEAD + "train: {<<: {epochs: 3}}\n", ("CN104", 4, 9, "keys here are")),
    case("deep", HEAD + "name: " + "[" * 60 + "]" * 60 + "\n", ("CN107", 4, 47, "flat")),
    case("duplicate key", HEAD + "train: {epochs: 1}\ntrain: {epochs: 2}\n", ("CN105", 5, 1, "keep one")),
    case("duplicate inside", HEAD + "train:\n  epochs: 1\n  epochs: 2\n", ("CN105", 6, 3, "keep one")),
]

KEYS = [
    case("unknown key", HEAD + "trian: {epochs: 1}\n", ("CN104", 4, 1, 'did you mean "train"')),
    case("unknown key below", HEAD + "train: {epoch: 1}\n", ("CN104", 4, 9, 'did you mean "epochs"')),
    case("key of another section", HEAD + "epochs: 3\n", ("CN104", 4, 1, "train.epochs")),
    case("far from any key", HEAD + "colour: red\n", ("CN104", 4, 1, "keys here are")),
    case("a number as key", HEAD + "1: x\n", ("CN104", 4, 1, "keys here are")),
    case("no task", "data: {source: builtin:digits}\nspace: {model: model.py:build}\n", ("CN111", 1, 1, "text-classification")),
    case("no data", "task: image-classification\nspace: {model: model.py:build}\n", ("CN111", 1, 1, "source")),
    case(
        "no source", "task: image-classification\nspace: {model: model.py:build}\ndata: {}\n", ("CN111", 3, 1, "builtin:digits")
    ),
    case("no space", "task: image-classification\ndata: {source: builtin:digits}\n", ("CN120", 1, 1, "space: {model")),
    case(
        "empty space",
        "task: image-classification\ndata: {source: builtin:digits}\nspace: {}\n",
        ("CN120", 3, 1, "model.py:function"),
    ),
    case(
        "two spaces",
        "task: image-classification\ndata: {source: builtin:digits}\nspace: {model: model.py:build, auto: {}}\n",
        ("CN121", 3, 32, "model"),
    ),
]

TYPES = [
    case("number in quotes", HEAD + 'train: {epochs: "10"}\n', ("CN108", 4, 17, "leave the quotes out")),
    case("not whole", HEAD + "train: {epochs: 2.5}\n", ("CN108", 4, 17, "")),
    case("true as a number", HEAD + "train: {epochs: true}\n", ("CN108", 4, 17, "")),
    case("yes", HEAD.replace("builtin:digits", "builtin:digits, split: {stratify: yes}"), ("CN108", 2, 50, "write true")),
    case("number as text", HEAD + "name: 2024\n", ("CN108", 4, 7, "in quotes")),
    case("section as text", HEAD + "train: fast\n", ("CN108", 4, 8, "indented")),
    case("section left empty", HEAD + "train:\nsearch: {}\n", ("CN108", 4, 1, "leave the key out")),
    case("text for a list", HEAD + "code: {include: model.py}\n", ("CN108", 4, 17, "brackets")),
    case("list in a list", HEAD + "code: {include: [[a]]}\n", ("CN108", 4, 18, "")),
    case(
        "data as a path", "task: image-classification\ndata: photos/\nspace: {model: model.py:build}\n", ("CN108", 2, 7, "braces")
    ),
    case("task misspelt", HEAD.replace("image-class", "imag-clas"), ("CN110", 1, 7, 'did you mean "image-classification"')),
    case("task in capitals", HEAD.replace("image-c", "Image_C"), ("CN110", 1, 7, 'did you mean "image-classification"')),
    case("goal misspelt", HEAD + "objective: {goal: minimise}\n", ("CN110", 4, 19, 'did you mean "minimize"')),
    case("scale", HEAD.replace("digits", "digits, scale: 255"), ("CN110", 2, 39, "unit, none")),
    case("version", HEAD + "version: 2\n", ("CN109", 4, 10, "newer cloud-nas")),
    case("name", HEAD + "name: my run!\n", ("CN116", 4, 7, "letters, digits")),
    case("name too long", HEAD + f"name: {'x' * 64}\n", ("CN116", 4, 7, "63")),
    case("name is a path", HEAD + "name: ../up\n", ("CN116", 4, 7, "letters, digits")),
    case("empty text", HEAD + "data: x\n".replace("data: x", "objective: {metric: ' '}"), ("CN109", 4, 21, "")),
    case("epochs 0", HEAD + "train: {epochs: 0}\n", ("CN109", 4, 17, "")),
    case("batch negative", HEAD + "train: {batch_size: -1}\n", ("CN109", 4, 21, "")),
    case("seed negative", HEAD + "search: {seed: -1}\n", ("CN109", 4, 16, "")),
    case("not finite", HEAD + "train: {stop_early: {min_delta: .nan}}\n", ("CN109", 4, 33, "")),
    case("trials 0", HEAD + "budget: {trials: 0}\n", ("CN109", 4, 18, "")),
    case("epochs negative", HEAD + "budget: {epochs: -5}\n", ("CN109", 4, 18, "")),
    case("time 0", HEAD + "budget: {time: 0}\n", ("CN113", 4, 16, "2h")),
    case("time in words", HEAD + "budget: {time: 2 hours}\n", ("CN113", 4, 16, "1h30m")),
    case("time negative", HEAD + "budget: {time: -2h}\n", ("CN113", 4, 16, "2h")),
    case("time a clock", HEAD + "budget: {time: 10:30}\n", ("CN113", 4, 16, "2h")),
    case("time as 0h", HEAD + "budget: {time: 0h}\n", ("CN113", 4, 16, "longer than nothing")),
    case("keep", HEAD + "final: {keep: some}\n", ("CN109", 4, 15, "")),
    case("fit", HEAD + "final: {fit: train}\n", ("CN110", 4, 14, "train+validation")),
    case("patience", HEAD + "train: {stop_early: {patience: -1}}\n", ("CN109", 4, 32, "")),
]

SPLIT = [
    case("validation 0", HEAD.replace("digits", "digits, split: {validation: 0}"), ("CN109", 2, 52, "")),
    case("validation 1", HEAD.replace("digits", "digits, split: {validation: 1}"), ("CN109", 2, 52, "")),
    case("test negative", HEAD.replace("digits", "digits, split: {test: -0.1}"), ("CN109", 2, 46, "0.1")),
    case("test 1", HEAD.replace("digits", "digits, split: {test: 1}"), ("CN109", 2, 46, "0.1")),
    case("test true", HEAD.replace("digits", "digits, split: {test: true}"), ("CN108", 2, 46, "")),
    case("nothing left", HEAD.replace("digits", "digits, split: {validation: 0.6, test: 0.4}"), ("CN126", 2, 39, "less than 1")),
    case(
        "test file missing",
        HEAD.replace("digits", "digits, split: {test: heldot.csv}"),
        ("CN201", 2, 46, 'did you mean "heldout.csv"'),
    ),
]

MEANING = [
    case("metric of another task", HEAD + "objective: {metric: rmse}\n", ("CN122", 4, 21, "accuracy")),
    case("metric's other name", HEAD + "objective: {metric: val_acc}\n", ("CN123", 4, 21, "write accuracy")),
    case("metric misspelt", HEAD + "objective: {metric: acuracy}\n", ("CN123", 4, 21, 'did you mean "accuracy"')),
    case("metric unknown", HEAD + "objective: {metric: sharpe}\n", ("CN123", 4, 21, "goal: maximize")),
    case("no such strategy", HEAD + "search: {strategy: hyperbnd}\n", ("CN128", 4, 20, 'did you mean "hyperband"')),
    case("no such option", HEAD + "search: {strategy: hyperband, factr: 3}\n", ("CN129", 4, 31, 'did you mean "factor"')),
    case("another's option", HEAD + "search: {strategy: random, factor: 3}\n", ("CN129", 4, 28, "option of hyperband")),
    case("option out of range", HEAD + "search: {strategy: hyperband, factor: 1}\n", ("CN130", 4, 39, "rung")),
    case("option of wrong type", HEAD + "search: {strategy: hyperband, factor: three}\n", ("CN130", 4, 39, "rung")),
    case("option's choice", HEAD + "search: {strategy: bayesian, surrogate: gpp}\n", ("CN130", 4, 41, "gp")),
    case("no such callback", HEAD + "train: {callbacks: [ReduceLR]}\n", ("CN133", 4, 21, "ReduceLROnPlateau")),
    case(
        "asynchronous is not a boolean", HEAD + "search: {strategy: hyperband, asynchronous: 1}\n", ("CN130", 4, 45, "never wait")
    ),
    case(
        "asynchronous is hyperband's",
        HEAD + "search: {strategy: bayesian, asynchronous: true}\n",
        ("CN129", 4, 30, "option of hyperband"),
    ),
    case("warm start of random", HEAD + "search: {warm_start: r-7k2xq}\n", ("CN134", 4, 10, "use `strategy: bayesian`")),
    case(
        "warm start of hyperband",
        HEAD + "search: {strategy: hyperband, warm_start: r-7k2xq}\n",
        ("CN134", 4, 31, "leave warm_start out"),
    ),
    case(
        "warm start from a trial",
        HEAD + "search: {strategy: bayesian, warm_start: r-7k2xq/3}\n",
        ("CN135", 4, 42, "like r-7k2xq"),
    ),
    case(
        "warm start from a number", HEAD + "search: {strategy: bayesian, warm_start: 7}\n", ("CN135", 4, 42, "cloud-nas status")
    ),
    case("a trial's time in words", HEAD + "train: {time: soon}\n", ("CN113", 4, 15, "a duration is like")),
    case("a trial's time of nothing", HEAD + "train: {time: 0}\n", ("CN113", 4, 15, "longer than nothing")),
    case(
        "callback's form",
        HEAD + "train: {callbacks: [{A: 1}, B: 2, TerminateOnNaN]}\n",
        ("CN131", 4, 21, "factor"),
        ("CN131", 4, 29, "factor"),
    ),
    case("callback of a function", HEAD + "train: {callbacks: [LambdaCallback]}\n", ("CN131", 4, 21, "file.py:Class")),
    case("callback's file", HEAD + "train: {callbacks: ['layer.py:Mine']}\n", ("CN220", 4, 21, "relative to")),
    case("callback's class", HEAD + "train: {callbacks: ['layers/attention.py:Min']}\n", ("CN222", 4, 21, 'did you mean "Mine"')),
    case("include missing", HEAD + "code: {include: [layer]}\n", ("CN224", 4, 18, 'did you mean "layers"')),
]

LATER = [
    case("macro", HEAD.replace("model: model.py:build", "macro: {}"), ("CN112", 3, 9, "space: {model")),
    case("strategy", HEAD + "search: {strategy: evolution}\n", ("CN112", 4, 20, "bayesian")),
    case("estimate", HEAD + "search: {estimate: {early_stop: curve}}\n", ("CN112", 4, 10, "leave it out")),
    case("Pareto", HEAD + "objective: [{metric: accuracy}, {metric: loss}]\n", ("CN112", 4, 12, "one metric")),
    case("storage", HEAD + "storage: null\n", ("CN112", 4, 1, "leave it out")),
    case("track", HEAD + "track: {mlflow: null}\n", ("CN112", 4, 1, "leave it out")),
    case("targets", HEAD + "targets: {ray: {address: x}}\n", ("CN112", 4, 11, "leave it out")),
    case("no bucket at Google", HEAD.replace("builtin:digits", "gs://Bucket/x"), ("CN201", 2, 16, "gs://BUCKET/KEY")),
]

PLACE = HEAD + "targets:\n  sagemaker: "
PLACES = [
    case("no region of this name", PLACE + "{region: eu-wst-1}\n", ("CN137", 5, 23, 'did you mean "eu-west-1"')),
    case("no region", PLACE + "{region: Europe}\n", ("CN137", 5, 23, "eu-west-1")),
    case("no role", PLACE + "{role: admin}\n", ("CN137", 5, 21, "list-roles")),
    case("no bucket", PLACE + "{bucket: 's3://mine/x'}\n", ("CN137", 5, 23, "the name alone")),
    case("no machine", PLACE + "{instance: m5.large}\n", ("CN137", 5, 25, "ml.m5.xlarge")),
    case("no prefix", PLACE + "{prefix: /mine}\n", ("CN137", 5, 23, "without a slash in front")),
    case("no image", PLACE + "{image: my image}\n", ("CN137", 5, 22, "amazonaws.com")),
    case("no subnet", PLACE + "{subnets: [a_b], security_groups: [sg-1]}\n", ("CN137", 5, 25, "subnet-")),
    case("no security group", PLACE + "{subnets: [a], security_groups: ['']}\n", ("CN137", 5, 47, "sg-")),
    case("no key", PLACE + "{kms_key: a b}\n", ("CN137", 5, 24, "alias/")),
    case("subnets alone", PLACE + "{subnets: [subnet-1]}\n", ("CN138", 5, 15, "`security_groups`")),
    case("security groups alone", PLACE + "{security_groups: [sg-1]}\n", ("CN138", 5, 15, "`subnets`")),
    case("a tag of AWS", PLACE + "{tags: {'AWS:team': x}}\n", ("CN139", 5, 21, "another name")),
    case("a tag of ours", PLACE + "{tags: {'cloud-nas:run': x}}\n", ("CN139", 5, 21, "another name")),
    case("a tag with a comma", PLACE + "{tags: {team: 'a,b'}}\n", ("CN139", 5, 21, "letters, digits")),
    case("too many tags", PLACE + f"{{tags: {{{', '.join(f't{n}: x' for n in range(41))}}}}}\n", ("CN139", 5, 21, "at most 40")),
    case("no amount", HEAD + "budget: {cost: cheap}\n", ("CN136", 4, 16, "20 USD")),
    case("another currency", HEAD + "budget: {cost: 20 EUR}\n", ("CN136", 4, 16, "US dollars")),
    case("no key in S3", HEAD.replace("builtin:digits", "s3://bucket"), ("CN201", 2, 16, "s3://BUCKET/KEY")),
    case(
        "no key in S3 for the test",
        TABLE + "{source: flowers.csv, target: kind, split: {test: 's3://x'}}\n",
        ("CN201", 3, 57, "s3://BUCKET"),
    ),
    case("a table in S3 without a target", TABLE + "{source: s3://bucket/flowers.csv}\n", ("CN205", 3, 7, "target: COLUMN")),
]

FILES = [
    case("no such data", TABLE + "{source: flower.csv, target: kind}\n", ("CN201", 3, 16, 'did you mean "flowers.csv"')),
    case("built-in without its prefix", TABLE + "{source: iris}\n", ("CN201", 3, 16, "builtin:iris")),
    case("no such built-in", TABLE + "{source: builtin:irris}\n", ("CN203", 3, 16, 'did you mean "builtin:iris"')),
    case("no such column", TABLE + "{source: flowers.csv, target: kinds}\n", ("CN202", 3, 37, 'did you mean "kind"')),
    case("column's capitals", TABLE + "{source: flowers.csv, target: Kind}\n", ("CN202", 3, 37, 'did you mean "kind"')),
    case(
        "no such id",
        TABLE + "{source: flowers.csv, target: kind, id: number}\n",
        ("CN202", 3, 47, "petal length, petal width, kind"),
    ),
    case("no target", TABLE + "{source: flowers.csv}\n", ("CN205", 3, 7, "columns are")),
    case("target is id", TABLE + "{source: flowers.csv, target: kind, id: kind}\n", ("CN206", 3, 47, "leave `id` out")),
    case(
        "test file's column",
        TABLE + "{source: flowers.csv, target: kind, split: {test: heldout.csv}}\n",
        ("CN202", 3, 57, "its columns are"),
    ),
    case("test beside npz", TABLE + "{source: divided.npz, split: {test: 0.1}}\n", ("CN127", 3, 37, "leave `test` out")),
    case("test beside idx", TABLE + "{source: mnist/, split: {test: 0.1}}\n", ("CN127", 3, 32, "leave `test` out")),
    case("no such model file", HEAD.replace("model.py", "modle.py"), ("CN220", 3, 16, 'did you mean "model.py:build"')),
    case("a folder as model", HEAD.replace("model.py:build", "layers:build"), ("CN221", 3, 16, "model.py:model_builder")),
    case("dotted model", HEAD.replace("model.py:build", "model.build"), ("CN221", 3, 16, 'did you mean "model.py:build"')),
    case(
        "model without suffix", HEAD.replace("model.py:build", "model:build"), ("CN221", 3, 16, 'did you mean "model.py:build"')
    ),
    case("model without function", HEAD.replace("model.py:build", "model.py"), ("CN221", 3, 16, "model.py:")),
    case("not in the file", HEAD.replace(":build}", ":biuld}"), ("CN222", 3, 16, 'did you mean "build"')),
    case("method, not function", HEAD.replace(":build}", ":hp}"), ("CN222", 3, 16, "")),
    case("Python that does not parse", HEAD.replace("model.py", "broken.py"), ("CN223", 3, 16, "broken.py")),
]

SECRETS = [
    case("AWS key", HEAD + "# AKIA" + "ABCDEFGHIJKLMNOP\n", ("CN115", 4, 3, "take it out")),
    case(
        "private key",
        HEAD + "name: '-----BEGIN RSA PRIVATE" + " KEY-----'\n",
        ("CN116", 4, 7, ""),
        ("CN115", 4, 8, "take it out"),
    ),
    case("token as name", HEAD + "name: ghp_" + "a" * 36 + "\n", ("CN115", 4, 7, "take it out")),
    case(
        "password",
        HEAD.replace("builtin:digits", "http://me:hunter2secret@host/x.csv"),
        ("CN201", 2, 16, ""),
        ("CN115", 2, 23, "take it out"),
    ),
]

CASES = FORM + KEYS + TYPES + SPLIT + MEANING + PLACES + LATER + FILES + SECRETS


@pytest.mark.parametrize("bad", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
def test_every_mistake_has_its_place_its_code_and_a_way_out(project: Path, bad: Case) -> None:
    path = project / "spec.yaml"
    path.write_text(bad.text)
    with pytest.raises(spec.SpecError) as raised:
        spec.load(path)
    found = raised.value.diagnostics
    assert [(one.code, one.line, one.column) for one in found] == [expected[:3] for expected in bad.found]
    for one, (_, _, _, hint) in zip(found, bad.found, strict=True):
        assert hint in (one.hint or ""), one
        assert one.severity == "error"
        assert "\n" not in one.message and not one.message.endswith("."), one
        assert one.file == str(path)
        assert one.code == "CN115" or one.source is None or one.source == bad.text.split("\n")[one.line - 1]


def test_there_are_enough_of_them_and_none_twice() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
