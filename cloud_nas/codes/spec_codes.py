"""CN1: the spec, and the configuration that fills in what it leaves open."""

from __future__ import annotations

from cloud_nas.codes.code import Code

SPEC = (
    Code(
        "CN101",
        "no such spec",
        "There is no file at the path that was given. Paths on the command line are relative to the folder you are in.",
        "cloud-nas check spec.yml",
        "cloud-nas check spec.yaml",
    ),
    Code(
        "CN102",
        "the spec cannot be read as text",
        "The path is a folder, the file may not be read, is larger than 1 MB, or is not UTF-8 text. A spec is a short "
        "text file; data and models have files of their own that the spec names.",
        "cloud-nas check photos/",
        "cloud-nas check spec.yaml",
    ),
    Code(
        "CN103",
        "not YAML",
        "The text is not YAML 1.2. The place is where the reader gave up; the cause is there or on the line above: a "
        "tab in the indentation, a bracket that is not closed, a colon inside a value that is not in quotes, keys at "
        "different indentation.",
        "train:\n\tepochs: 10",
        "train:\n  epochs: 10",
    ),
    Code(
        "CN104",
        "unknown key",
        "Keys that nobody reads are errors, because a slip of the pen would otherwise change a search without a word. "
        "`cloud-nas check -v` shows every key there is, and an editor that reads the JSON Schema completes them.",
        "train: {epoch: 10}",
        "train: {epochs: 10}",
    ),
    Code(
        "CN105",
        "a key stands twice",
        "Two values for one key in the same mapping: only one could count, and which one is nobody's intention.",
        "train: {epochs: 10, epochs: 20}",
        "train: {epochs: 20}",
    ),
    Code(
        "CN106",
        "not a mapping",
        "A spec is a mapping of keys to values at its top level; this file is empty, or holds a list or a single value.",
        "- task: image-classification",
        "task: image-classification",
    ),
    Code(
        "CN107",
        "YAML that a spec does without",
        "Tags, anchors, aliases, keys that are not words, several documents in one file, and very deep or very many "
        "values are not read: they can hide what a spec says, or make a small file huge.",
        "train: &t {epochs: 10}\nfinal: *t",
        "train: {epochs: 10}",
    ),
    Code(
        "CN108",
        "wrong type",
        "The value is of another type than the key holds. Nothing is converted in silence: text in quotes is not a "
        "number, and `yes` and `no` are words, not true and false.",
        'train: {epochs: "10"}',
        "train: {epochs: 10}",
    ),
    Code(
        "CN109",
        "out of range",
        "The value is of the right type and cannot be used: too small, too large, empty, or not a path.",
        "train: {batch_size: 0}",
        "train: {batch_size: 32}",
    ),
    Code(
        "CN110",
        "not one of the choices",
        "The key takes one of a few words, and this is none of them.",
        "task: tabular-clasification",
        "task: tabular-classification",
    ),
    Code(
        "CN111",
        "a required key is missing",
        "Only `task`, `data.source` and a space have no default.",
        "data: {target: label}",
        "data: {source: flowers.csv, target: label}",
    ),
    Code(
        "CN112",
        "not in this version",
        "The key or value is part of the spec's language, and this version of cloud-nas does not have it. It is not "
        "ignored, because the search would be another one without it.",
        "search: {strategy: evolution}",
        "search: {strategy: bayesian}",
    ),
    Code(
        "CN113",
        "not a duration",
        "How long is written with units from large to small: d, h, m, s; a plain number is seconds. It is longer than nothing.",
        "budget: {time: 2 hours}",
        "budget: {time: 2h}",
    ),
    Code(
        "CN115",
        "key-like text",
        "The spec holds something that looks like a key, a token or a password. Specs travel to clouds, into "
        "manifests and reports, so this is refused, in comments too. Credentials are read from where the clouds' own "
        "tools keep them.",
        "# ghp_ and 36 letters and digits",
        "# no keys here",
    ),
    Code(
        "CN116",
        "not a name",
        "A run's name becomes part of folders and of remote jobs' names: letters, digits, - and _, at most 63, the "
        "first a letter or a digit.",
        "name: my first run!",
        "name: my-first-run",
    ),
    Code(
        "CN117",
        "the configuration is not TOML",
        "The project's cloud-nas.toml, or the user's config.toml, cannot be read. Text values are in quotes, tables "
        "in square brackets.",
        "[profile.quick.budget]\ntime = 5m",
        '[profile.quick.budget]\ntime = "5m"',
    ),
    Code(
        "CN118",
        "no such profile",
        "Neither the project's cloud-nas.toml nor the user's configuration has a profile of this name. A profile is a "
        "table `[profile.NAME.SECTION]`, where SECTION is search, train, final or budget.",
        "cloud-nas run spec.yaml --profile quik",
        "cloud-nas run spec.yaml --profile quick",
    ),
    Code(
        "CN120",
        "no space",
        "`space` says what is searched, and has to say one thing: a file and the function in it that builds a model "
        "from hyperparameters.",
        "space: {}",
        "space: {model: model.py:model_builder}",
    ),
    Code(
        "CN121",
        "two spaces",
        "`space` holds exactly one kind of space; a search cannot be in two at once. Two searches are two specs.",
        "space: {model: model.py:build, auto: {}}",
        "space: {model: model.py:build}",
    ),
    Code(
        "CN122",
        "the metric does not fit the task",
        "Accuracy is a share of classes told right, and means nothing for numbers; an error in units means nothing for classes.",
        "task: tabular-regression\nobjective: {metric: accuracy}",
        "task: tabular-regression\nobjective: {metric: rmse}",
    ),
    Code(
        "CN123",
        "unknown metric",
        "The metric is none of those measured here. A metric of the model's own, from `compile(metrics=[...])`, is "
        "allowed if `goal` says whether more of it is better.",
        "objective: {metric: sharpe_ratio}",
        "objective: {metric: sharpe_ratio, goal: maximize}",
    ),
    Code(
        "CN124",
        "a metric of the model's own",
        "The metric is not measured here, so the model has to report it for the validation part while it trains; a "
        "trial that does not, fails.",
        "objective: {metric: sharpe_ratio, goal: maximize}",
        "objective: {metric: accuracy}",
        severity="warning",
    ),
    Code(
        "CN125",
        "an unusual goal",
        "The goal is the opposite of the metric's own: this search looks for the worst candidates by it.",
        "objective: {metric: accuracy, goal: minimize}",
        "objective: {metric: accuracy, goal: maximize}",
        severity="warning",
    ),
    Code(
        "CN126",
        "no rows left to train on",
        "`validation` and `test` are shares of all rows; together they have to be less than 1.",
        "data:\n  split: {validation: 0.6, test: 0.4}",
        "data:\n  split: {validation: 0.2, test: 0.1}",
    ),
    Code(
        "CN127",
        "two test parts",
        "The source comes with a test part of its own (MNIST's idx files, an npz with x_test), which is the part that "
        "is held out.",
        "data:\n  source: mnist.npz\n  split: {test: 0.1}",
        "data:\n  source: mnist.npz\n  split: {validation: 0.2}",
    ),
    Code(
        "CN128",
        "no such strategy",
        "No strategy of this name is here or installed.",
        "search: {strategy: hyperbnd}",
        "search: {strategy: hyperband}",
    ),
    Code(
        "CN129",
        "the strategy has no such option",
        "What stands under `search` beside `strategy` and `seed` are options of the strategy, and each strategy has its own.",
        "search: {strategy: random, factor: 3}",
        "search: {strategy: hyperband, factor: 3}",
    ),
    Code(
        "CN130",
        "a strategy's option out of range",
        "The option exists, and its value is of the wrong type or out of bounds.",
        "search: {strategy: hyperband, factor: 1}",
        "search: {strategy: hyperband, factor: 3}",
    ),
    Code(
        "CN131",
        "not a callback",
        "A callback is the name of one of Keras' own, that name with its arguments, or a class in a Python file. Those "
        "that take a function need a class of your own.",
        "train: {callbacks: [{ReduceLROnPlateau: 0.5}]}",
        'train: {callbacks: [{ReduceLROnPlateau: {factor: 0.5}}, "callbacks.py:Mine"]}',
    ),
    Code(
        "CN132",
        "what is watched may not be there",
        "`stop_early.monitor` is neither a loss nor a metric measured here. If the model does not report it, no trial "
        "is ever stopped early.",
        "train: {stop_early: {monitor: val_los}}",
        "train: {stop_early: {monitor: val_loss}}",
        severity="warning",
    ),
    Code(
        "CN133",
        "no such callback",
        "Keras has no callback of this name. One of your own is named by its file and class.",
        "train: {callbacks: [ReduceLR]}",
        "train: {callbacks: [ReduceLROnPlateau]}",
    ),
    Code(
        "CN134",
        "the strategy cannot begin from another run",
        "`warm_start` names a run whose trials the strategy learns from. Grid, random and hyperband choose without regard to "
        "results, so they have no use for them.",
        "search: {strategy: random, warm_start: r-7k2xq}",
        "search: {strategy: bayesian, warm_start: r-7k2xq}",
    ),
    Code(
        "CN135",
        "not a run's id",
        "A run is named by the id that `cloud-nas run` printed and `cloud-nas status` lists. A spec, a folder or one trial "
        "is not a run.",
        "search: {strategy: bayesian, warm_start: r-7k2xq/3}",
        "search: {strategy: bayesian, warm_start: r-7k2xq}",
    ),
    Code(
        "CN136",
        "not an amount of money",
        "What a job may cost at most is written as a number and its currency. Prices are in US dollars.",
        "budget: {cost: cheap}",
        "budget: {cost: 20 USD}",
    ),
    Code(
        "CN137",
        "a setting of a place that the place does not take",
        "Regions, roles, accounts, buckets, machines, images, networks and keys have forms of their own, which a cloud checks "
        "only when a job is made. `cloud-nas doctor aws` and `doctor gcp` ask whether they are there.",
        "targets: {sagemaker: {region: eu-wst-1}}",
        "targets: {sagemaker: {region: eu-west-1}}",
    ),
    Code(
        "CN138",
        "settings of a place that go together",
        "At AWS machines stand in a network of yours with subnets and security groups; one without the other says nothing. At "
        "Google GPUs are put into n1 machines, so many of each type; the families g2, g4, a2, a3 and a4 come with theirs.",
        "targets: {sagemaker: {subnets: [subnet-1]}}",
        "targets: {sagemaker: {subnets: [subnet-1], security_groups: [sg-1]}}",
    ),
    Code(
        "CN139",
        "not a tag, or a label, that can be given",
        "Everything that is made carries your tags beside ours; at Google they are labels. Names that begin with `aws:` or "
        "`goog` are the clouds' own, and with `cloud-nas:` or `cloud-nas-` ours. AWS allows letters, digits, spaces and "
        "_.:/=+-@, and at most 50 tags with ours; Google small letters, digits, _ and -, a letter first, and 64 labels.",
        "targets: {sagemaker: {tags: {'aws:team': vision}}}",
        "targets: {sagemaker: {tags: {team: vision}}}",
    ),
)
