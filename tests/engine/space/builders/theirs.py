# Run by a Python that has keras-tuner: what it discovers and gives for the builders named on stdin, as JSON on stdout.
import json
import sys
import tempfile
from pathlib import Path

import keras_tuner
from keras_tuner.engine import base_tuner
from keras_tuner.src.engine.hyperparameters import hyperparameter

sys.path.insert(0, str(Path(__file__).parent))
import asking
import generated


def builder(key, steady):
    return generated.program(key, steady) if isinstance(key, int) else getattr(asking, key)


def space_of(build):
    """The oracle's hyperparameters after a tuner was made."""
    oracle = keras_tuner.oracles.RandomSearchOracle(objective=keras_tuner.Objective("loss", "min"), max_trials=1)
    with tempfile.TemporaryDirectory() as folder:
        base_tuner.BaseTuner(oracle, build, directory=folder, project_name="p")
    return oracle.get_space()


def values_of(build, config, values):
    """What a trial is given under `values`, and what it then holds."""
    hp = keras_tuner.HyperParameters.from_config(json.loads(json.dumps(config)))
    hp.values = dict(values)
    return {"given": build(hp), "config": hp.get_config()}


def samples_of(hp):
    return [[parameter.random_sample(seed) for seed in range(5)] for parameter in hp.space]


def answer(question):
    build = builder(question["builder"], question.get("steady", False))
    if "values" in question:
        return [values_of(build, question["config"], values) for values in question["values"]]
    try:
        hp = space_of(build)
    except KeyError as error:
        return {"error": repr(error)}
    return {"config": hp.get_config(), "samples": samples_of(hp)}


questions = json.load(sys.stdin)
if questions["defaults"]:
    # What a woken scope's parameters get while exploring; random in keras-tuner, from no seed.
    sample = hyperparameter.HyperParameter.random_sample
    hyperparameter.HyperParameter.random_sample = lambda self, seed=None: self.default if seed is None else sample(self, seed)
json.dump([answer(question) for question in questions["questions"]], sys.stdout)
