# How public builders ask for hyperparameters. Each returns what it was given.


def capitals(hp):
    return hp.Float("lr", 1e-4, 1e-1, sampling="LOG")


def factor_steps(hp):
    return hp.Int("batch", 8, 64, step=2, sampling="log")


def choices(hp):
    return (
        hp.Choice("flag", [True, False]),
        hp.Choice("rate", [1e-2, 1e-3, 1e-4]),
        hp.Choice("optimizer", ["adam", "sgd"], default="sgd"),
    )


def positional(hp):
    return hp.Int("n", 32, 512, 32), hp.Float("f", 0.0, 0.5, 0.1), hp.Choice("c", ["a", "b"], False, "b"), hp.Boolean("b", True)


def no_defaults(hp):
    return hp.Int("n", 1, 5, default=None), hp.Float("f", 0.5, 1.0, default=None), hp.Choice("c", [3, 4], default=None)


def layers(hp):
    return [hp.Int(f"units_{i}", 8, 32, step=8) for i in range(hp.Int("layers", 1, 6))]


def bare_string(hp):
    kind = hp.Choice("kind", ["SVC", "forest"])
    with hp.conditional_scope("kind", "SVC"):
        c = hp.Float("C", 0.1, 10.0)
    with hp.conditional_scope("kind", "forest"):
        trees = hp.Int("trees", 10, 100, 10)
    return kind, c, trees


def same_name_in_one_scope(hp):
    return hp.Int("units", 8, 16), hp.Int("units", 100, 200), hp.Choice("units", ["x"])


def same_name_in_two_scopes(hp):
    kind = hp.Choice("kind", ["a", "b"])
    with hp.conditional_scope("kind", ["a"]):
        in_a = hp.Int("units", 1, 4)
    with hp.conditional_scope("kind", ["b"]):
        in_b = hp.Int("units", 10, 40, step=10)
    return kind, in_a, in_b


def gated(hp):
    if hp.Boolean("deep"):
        return hp.Int("depth", 2, 5)
    return None


def gated_by_arguments(hp):
    hp.Boolean("deep", default=True)
    return hp.Int("depth", 2, 5, parent_name="deep", parent_values=[True]), hp.get("deep"), hp["depth"], "depth" in hp


def scoped(hp):
    with hp.name_scope("encoder"):
        kind = hp.Choice("kind", ["conv", "dense"])
        with hp.conditional_scope("kind", ["dense"]), hp.name_scope("dense"):
            units = hp.Int("units", 4, 16, step=4)
    return kind, units


def nested(hp):
    a = hp.Choice("a", ["x", "y", "z"])
    with hp.conditional_scope("a", ["y", "z"]):
        hp.Boolean("b")
        with hp.conditional_scope("b", True):
            hp.Choice("c", [1, 2, 3], default=2)
            with hp.conditional_scope("c", [3]):
                hp.Float("d", 0.0, 1.0, step=0.25)
    with hp.conditional_scope("a", ["z"]):
        hp.Fixed("e", "only z")
    return a


def revived_layers(hp):
    kind = hp.Choice("kind", ["none", "many"])
    with hp.conditional_scope("kind", ["many"]):
        count = hp.Int("count", 2, 2)
        if kind == "many":
            for i in range(count):
                hp.Int(f"units_{i}", 8, 64, step=8)
    return kind


ALL = [
    capitals, factor_steps, choices, positional, no_defaults, layers, bare_string, same_name_in_one_scope,
    same_name_in_two_scopes, gated, gated_by_arguments, scoped, nested, revived_layers,
]  # fmt: skip
