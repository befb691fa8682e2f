"""CN3: what a conversion to a place's own terms loses. Each is told with the line of the spec, before anything is sent."""

from __future__ import annotations

from cloud_nas.codes.code import Code


def _loss(code: str, title: str, text: str, bad: str = "", good: str = "") -> Code:
    return Code(code, title, text, bad, good, severity="warning")


LOSSES = (
    Code(
        "CN300",
        "the conversion loses something, and --strict was given",
        "With `--strict` a plan is refused when the place cannot carry all that the spec says. The message lists what is lost; "
        "without `--strict` it is shown and the plan is made.",
        "cloud-nas plan spec.yaml --on sagemaker:autopilot --strict",
        "cloud-nas plan spec.yaml --on sagemaker:engine --strict",
    ),
    _loss(
        "CN301",
        "steps become rounding",
        "The place's tuner proposes any number of the range, and our trainer takes the nearest step. The two ends of a range "
        "come up less often than what lies between, and two trials may come to the same configuration. SageMaker's tuner knows "
        "no steps at all; Vertex AI's takes up to 1,000 values one by one, so that nothing is lost of them.",
        'hp.Float("dropout", 0.0, 0.5, step=0.1)',
        'hp.Float("dropout", 0.0, 0.5)',
    ),
    _loss(
        "CN302",
        "a scale becomes another",
        "The place's tuner has no such scale, or another one of that name: SageMaker's reversed logarithm is that of the "
        "distance to 1, and takes numbers from 0 to less than 1. Values stay in their range.",
        'hp.Float("momentum", 0.5, 0.99, sampling="reverse_log")',
        'hp.Float("momentum", 0.5, 0.99)',
    ),
    _loss(
        "CN303",
        "conditions are flattened",
        "The place's tuner proposes a value for a hyperparameter in trials where it is not active. Our trainer ignores it "
        "there, so each model is one of the space; the tuner learns from values that had no effect. SageMaker's tuner knows no "
        "conditions at all. Vertex AI's knows those on one other hyperparameter that is no real number; what depends on two at "
        "once, or on a hp.Float without steps, is flattened.",
        'with hp.conditional_scope("kind", ["forest"]): hp.Int("trees", 20, 100)',
        'hp.Int("trees", 20, 100)',
    ),
    _loss(
        "CN304",
        "the order of a list of numbers is lost",
        "The place's tuner takes a list of numbers for names: what it learns of 16 and 64 tells it nothing of 32. Vertex AI's "
        "does so only where the list neither rises nor falls.",
        'hp.Choice("units", [16, 32, 64])',
        'hp.Int("units", 16, 64, step=2, sampling="log")',
    ),
    _loss(
        "CN305",
        "a hyperparameter is sent under another name",
        "The name has a character that the tuner or a container cannot take, or one that means something to it; or two "
        "definitions have it under different conditions. Trials in the cloud's own pages show the name that was sent; models "
        "and reports that come home have yours.",
        'hp.Int("a=b", 1, 3)',
        'hp.Int("a_b", 1, 3)',
    ),
    _loss(
        "CN310",
        "the strategy is the place's own",
        "A strategy of the same name proposes here, and it is not the one of home: another surrogate under bayesian, other "
        "brackets and rungs under hyperband, and configurations that may come up twice.",
        "search: {strategy: hyperband}",
        "cloud-nas plan spec.yaml --on sagemaker:engine",
    ),
    _loss(
        "CN311",
        "an option of the strategy is not carried",
        "The place's strategy has no such option.",
        "search: {strategy: hyperband, factor: 4}",
        "search: {strategy: hyperband}",
    ),
    _loss(
        "CN312",
        "the same seed, other candidates",
        "The place's tuner draws other candidates than the engine does at home. SageMaker is sent the seed: under random and "
        "hyperband it draws the same ones again from it, under bayesian only nearly. Vertex AI takes no seed.",
    ),
    _loss(
        "CN313",
        "a warm start is not carried",
        "SageMaker's tuner learns from its own earlier jobs alone, and the run that is named was made elsewhere. Vertex AI's "
        "cannot be handed trials at all.",
        "search: {strategy: bayesian, warm_start: r-7k2xq}",
        "cloud-nas plan spec.yaml --on sagemaker:engine",
    ),
    _loss(
        "CN314",
        "a grid tries what is not active as well",
        "The place goes through every combination of all values, conditions or not, so that some trials are the same model.",
    ),
    _loss(
        "CN320",
        "the best is not trained again",
        "The model is that of the best trial at its best epoch, trained on the training rows: nothing runs there after the last.",
        "final: {fit: train+validation}",
        "final: {fit: keep}",
    ),
    _loss(
        "CN321",
        "every trial's model is kept",
        "The place keeps the model of each of its trials in the bucket, until `cloud-nas clean --cloud` deletes them.",
        "final: {keep: best}",
        "final: {keep: all}",
    ),
    _loss(
        "CN330",
        "a cap on epochs is not carried",
        "The place counts trials, and SageMaker's tuner seconds. What caps them, and so the cost, stands in the request.",
        "budget: {epochs: 100}",
        "budget: {trials: 30, time: 2h}",
    ),
    _loss(
        "CN331",
        "a cap on time becomes another",
        "SageMaker's tuner takes caps from 120 seconds to half a year only.",
        "budget: {time: 60s}",
        "budget: {time: 2m}",
    ),
    _loss(
        "CN334",
        "a cap that the spec's search does not have",
        "Every job of a place ends after `max_runtime`, so that it cannot cost without end. A trial that would train longer ends "
        "there with what it reached; a search ends in time for its final model.",
        "targets: {sagemaker: {max_runtime: 1h}}",
        "targets: {sagemaker: {max_runtime: 1d}}",
    ),
    _loss(
        "CN335",
        "the machine has a disk of its own",
        "Machines of this type come with disks that are used whole and encrypted by the machine, so that neither a size nor a "
        "key can be asked for.",
        "targets: {sagemaker: {instance: ml.g5.xlarge, volume: 100}}",
        "targets: {sagemaker: {instance: ml.g5.xlarge}}",
    ),
    _loss(
        "CN350",
        "another metric is optimised",
        "The place's own AutoML has no such metric, and optimises the nearest that it has.",
    ),
    _loss(
        "CN351",
        "the search space is dropped",
        "The place's own AutoML searches its own models, and takes no space.",
        "cloud-nas plan spec.yaml --on sagemaker:autopilot",
        "cloud-nas plan spec.yaml --on sagemaker:tuning",
    ),
    _loss("CN352", "the strategy is dropped", "The place's own AutoML proposes its candidates as it does."),
    _loss("CN353", "how candidates are trained is dropped", "The place's own AutoML trains its candidates as it does."),
    _loss("CN354", "how the final model is made is dropped", "The place's own AutoML makes it, and keeps its candidates' files."),
    _loss("CN355", "a cap on epochs is dropped", "The place's own AutoML counts candidates and seconds, or node hours."),
    _loss(
        "CN356",
        "a cap on trials is dropped",
        "For images and texts Autopilot trains one candidate; Vertex AI's AutoML has a budget of node hours alone.",
    ),
    _loss("CN357", "code is dropped", "The place's own AutoML runs no code but its own."),
    _loss("CN358", "a machine is not chosen", "The place's own AutoML chooses its own machines and containers."),
    _loss(
        "CN359",
        "validation is the place's own",
        "The place's own AutoML validates on other rows as well than the validation rows.",
    ),
    _loss(
        "CN380",
        "a cap on the time of the whole search is not carried",
        "Vertex AI's tuner ends a search by its number of trials and each trial by its time; no page of Google's names a cap on "
        "both together. The bound of the cost is of the trials and `max_runtime`.",
        "budget: {time: 2h}",
        "budget: {trials: 20}  # and targets: {vertex: {max_runtime: 10m}}",
    ),
    _loss(
        "CN381",
        "a trial's value is taken otherwise",
        "At home a trial's value is that of its best epoch. Vertex AI was told to take the last one's, or to stop trials by a "
        "rule that gives them the value it expects of them; the best trial is chosen by that. Models are still those of the "
        "best epoch.",
        "targets: {vertex: {tuning: {measurement: last}}}",
        "targets: {vertex: {tuning: {measurement: best}}}",
    ),
    _loss(
        "CN385",
        "a cap on time becomes node hours",
        "Vertex AI's AutoML takes a budget of node hours, between a least and a most, and its own pages say that it may take "
        "longer than that. `node_hours` names the budget; without it `budget.time` is counted into node hours.",
        "budget: {time: 10m}",
        "targets: {vertex: {automl: {node_hours: 1}}}",
    ),
)
