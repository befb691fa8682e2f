"""CN2: the data (200 to 219) and the model and other code (220 to 249)."""

from __future__ import annotations

from cloud_nas.codes.code import Code

DATA_AND_MODEL = (
    Code(
        "CN201",
        "no such data",
        "There is no file or folder at the path. Relative paths are relative to the spec's file, and `~` is the home folder.",
        "data: {source: flower.csv, target: kind}",
        "data: {source: flowers.csv, target: kind}",
    ),
    Code(
        "CN202",
        "no such column",
        "The table has no column of this name. Names are compared exactly, capitals and spaces too.",
        "data: {source: flowers.csv, target: Kind}",
        "data: {source: flowers.csv, target: kind}",
    ),
    Code(
        "CN203",
        "no such built-in data set",
        "`builtin:` names one of the small data sets that scikit-learn ships: digits, iris, wine, breast_cancer, diabetes.",
        "data: {source: builtin:digit}",
        "data: {source: builtin:digits}",
    ),
    Code(
        "CN205",
        "no column to predict",
        "In a table any column could be the one to predict, so the spec says which: `target`.",
        "data: {source: flowers.csv}",
        "data: {source: flowers.csv, target: kind}",
    ),
    Code(
        "CN206",
        "the target names the rows",
        "One column is both `target` and `id`: it cannot be predicted and known.",
        "data: {source: flowers.csv, target: kind, id: kind}",
        "data: {source: flowers.csv, target: kind, id: number}",
    ),
    Code(
        "CN210",
        "data that cannot be used as the spec asks",
        "Reading the rows failed, or they cannot be divided or learnt from as asked: a class too small to be in every "
        "part, a part that gets no rows, a value that is not of its column's type. The message has the reason.",
        "data:\n  source: four-rows.csv\n  split: {validation: 0.1}",
        "data:\n  source: four-rows.csv\n  split: {validation: 0.25}",
    ),
    Code(
        "CN211",
        "something to know about the data",
        "The data can be used; what was noticed while reading it may still explain a result: rows that are in both "
        "training and test, values outside 0..1, categories seen only once.",
        severity="warning",
    ),
    Code(
        "CN220",
        "no such model file",
        "There is no Python file at the path. Relative paths are relative to the spec's file.",
        "space: {model: modle.py:build}",
        "space: {model: model.py:build}",
    ),
    Code(
        "CN221",
        "not file.py:name",
        "Code is named by its file and, after a colon, the name of a function, class or instance at the file's top level.",
        "space: {model: model.build}",
        "space: {model: model.py:build}",
    ),
    Code(
        "CN222",
        "the file does not define that name",
        "The file was read, not run: no function, class, assignment or import at its top level binds the name.",
        "space: {model: model.py:biuld}",
        "space: {model: model.py:build}",
    ),
    Code(
        "CN223",
        "not valid Python",
        "The file does not parse with the Python that cloud-nas runs on. `python -m py_compile FILE` says the same.",
        "def build(hp)\n    ...",
        "def build(hp):\n    ...",
    ),
    Code(
        "CN224",
        "code that is not there",
        "`code.include` names files and folders that travel with the model, relative to the spec's file.",
        "code: {include: [layer/]}",
        "code: {include: [layers/]}",
    ),
    Code(
        "CN226",
        "importing the file trains a model",
        "The file calls `fit` when it is imported, so that every worker would train before it could search. Put the "
        'call under `if __name__ == "__main__":`, or into a function. A `tuner.search(...)` is no trouble: the import '
        "ends there.",
        "model = build(hp)\nmodel.fit(x, y)",
        'if __name__ == "__main__":\n    build(hp).fit(x, y)',
    ),
    Code(
        "CN227",
        "the model cannot be built",
        "Importing the file, or calling the function with every hyperparameter's default, failed. The message has "
        "Python's reason and the line in your file.",
        'def build(hp):\n    units = hp.Int("units", 512, 16)',
        'def build(hp):\n    units = hp.Int("units", 16, 512)',
    ),
    Code(
        "CN230",
        "a softmax is missing",
        "The loss wants probabilities and the last layer gives raw scores. Training still moves and ends far below "
        "what the model could do. Give the last layer a softmax, or tell the loss `from_logits=True`.",
        'Dense(10)\nloss="sparse_categorical_crossentropy"',
        'Dense(10, activation="softmax")\nloss="sparse_categorical_crossentropy"',
        severity="warning",
    ),
    Code(
        "CN231",
        "softmax twice",
        "The last layer gives probabilities and the loss applies a softmax of its own (`from_logits=True`). Leave one "
        "of the two out.",
        'Dense(10, activation="softmax")\nSparseCategoricalCrossentropy(from_logits=True)',
        "Dense(10)\nSparseCategoricalCrossentropy(from_logits=True)",
        severity="warning",
    ),
    Code(
        "CN232",
        "outputs that do not match the classes",
        "The number of output units is not the number of classes: as many units as classes, or one unit with a "
        "sigmoid where there are two.",
        "Dense(9, activation='softmax')  # ten classes",
        "Dense(10, activation='softmax')",
        severity="warning",
    ),
    Code(
        "CN233",
        "an input shape that is not the data's",
        "The model declares an input of another shape than a row has, so that every trial would fail.",
        "Flatten(input_shape=(28, 28))  # rows are (8, 8)",
        "Flatten(input_shape=(8, 8))",
        severity="warning",
    ),
    Code(
        "CN234",
        "a softmax over one unit",
        "A softmax over one unit is always 1, whatever the model learns. One unit takes a sigmoid; a softmax takes a unit "
        "for each class.",
        'Dense(1, activation="softmax")',
        'Dense(1, activation="sigmoid")',
        severity="warning",
    ),
    Code(
        "CN235",
        "a loss for another task",
        "The loss compares classes where numbers are predicted, or takes each of several classes for a question of its own.",
        'task: tabular-regression   # and loss="binary_crossentropy"',
        'task: tabular-regression   # and loss="mse"',
        severity="warning",
    ),
    Code(
        "CN236",
        "an activation that a regression cannot pass",
        "The last layer's activation keeps some values out of reach: none below 0 after relu, none outside 0 to 1 after "
        "a sigmoid.",
        'Dense(1, activation="relu")',
        "Dense(1)",
        severity="warning",
    ),
    Code(
        "CN237",
        "a model that cannot be trained as it is",
        "The model builds, and something that training needs is not there or not usable: it is not compiled, or its loss "
        "is none. Every trial would fail.",
        "return keras.Sequential([...])",
        'model.compile(optimizer="adam", loss="mse")\nreturn model',
        severity="warning",
    ),
    Code(
        "CN239",
        "something to know about the model",
        "The model was built and can be trained; what was noticed may still cost a search. The message has it.",
        severity="warning",
    ),
    Code(
        "CN240",
        "what looks like a secret would travel",
        "The model's file, the modules that it imports, callbacks and what `code: {include: ...}` names travel to a cloud. Among "
        "them is a file whose name says that it holds secrets, such as .env, or one with key-like text in it. The clouds' own "
        "credential files and variables are read where a job is made; in a job the role has them.",
        "code: {include: [.env, layers/]}",
        "code: {include: [layers/]}",
    ),
    Code(
        "CN241",
        "two files would travel by one name",
        "The user's code travels as one folder. Files keep their place in the folder of the spec, or of the model's file; others "
        "come to its top, and two of these have the same name.",
        "code: {include: [../shared/util.py]}",
        "code: {include: [util.py]}",
    ),
    Code(
        "CN242",
        "what the container lacks could not be fetched",
        "AWS's TensorFlow image has no Optuna and no skops; TensorFlow's own, which Vertex AI gets, no pandas and no "
        "scikit-learn. What a job needs of these is fetched as wheels from the package index that your pip asks, "
        "checked against the hashes of a lock, and sent along, so that the job needs no network.",
        "cloud-nas submit spec.yaml --on sagemaker:engine",
        "pip config list",
    ),
    Code(
        "CN243",
        "something in a bucket cannot be a file here",
        "A source of `s3://` or `gs://` is copied to this machine before it is read. A key with an empty part, with `..` or with "
        "a backslash in it names no file below a folder.",
    ),
)

FINDINGS = {
    "softmax-missing": "CN230",
    "softmax-twice": "CN231",
    "units-mismatch": "CN232",
    "input-shape": "CN233",
    "softmax-of-one": "CN234",
    "loss-mismatch": "CN235",
    "regression-activation": "CN236",
    "not-trainable": "CN237",
}
"""What the engine's look at a built model finds, by kind; other kinds are CN239."""
