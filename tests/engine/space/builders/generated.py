# Builders made from a seed: nested scopes, loops, gates, one name in several scopes. Runs under our hp and Keras Tuner's alike.
import random


def program(seed, steady=False):
    """A function of hp that returns all it was given, in order; a steady one asks for the same whatever it is given."""
    maker = _Maker(random.Random(seed), steady)
    operations = maker.block(2)

    def build(hp):
        out = []
        _run(operations, hp, out)
        return out

    return build


class _Maker:
    def __init__(self, rng, steady):
        self.rng = rng
        self.kinds = ["scope", "names"] if steady else ["scope", "scope", "scope", "loop", "gate", "names"]
        self.count = 0

    def name(self):
        self.count += 1
        return f"p{self.count}"

    def block(self, depth):
        operations = []
        for _ in range(self.rng.randint(1, 4)):
            operations.append(self.parameter(self.name()))
            if self.rng.random() < 0.15:
                # The same name again, with another range: the first counts.
                operations.append(self.parameter(operations[-1][2]))
            if depth and self.rng.random() < 0.6:
                operations += self.nested(depth)
        return operations

    def nested(self, depth):
        kind = self.rng.choice(self.kinds)
        if kind == "loop":
            name = self.name()
            inside = [self.parameter(self.name()) for _ in range(self.rng.randint(1, 2))]
            low = self.rng.randint(1, 3)
            return [("ask", "Int", name, (low, low + 3), {}), ("loop", name, inside)]
        if kind == "gate":
            name = self.name()
            inside = [self.parameter(self.name())]
            return [("ask", "Boolean", name, (), {"default": self.rng.random() < 0.5}), ("gate", name, inside)]
        if kind == "names":
            return [("names", self.name(), self.block(depth - 1))]
        return self.scopes(depth)

    def scopes(self, depth):
        name, values = self.name(), self.rng.choice([["a", "b", "c"], [1, 2, 3], [0.5, 1.5], [True, False]])
        default = self.rng.choice([None, values[-1]])
        operations = [("ask", "Choice", name, (values,), {"default": default})]
        shared = self.name()
        first = values[0] if default is None else default
        # Keras Tuner fails (KeyError) when it wakes a scope while a later definition of a shared name sleeps: such names are few.
        for index, value in enumerate(sorted(values, key=lambda value: value != first)):
            given = value if self.rng.random() < 0.5 else [value]
            inside = self.block(depth - 1)
            if index < 2 and self.rng.random() < 0.2:
                inside.append(self.parameter(shared))
            operations.append(("scope", name, given, inside))
        return operations

    def parameter(self, name):
        rng = self.rng
        kind = rng.choice(["Int", "Int", "Float", "Float", "Choice", "Boolean", "Fixed"])
        if kind == "Int":
            low = rng.randint(1, 40)
            high = low + rng.randint(0, 300)
            sampling = rng.choice(["linear", "linear", "log", "LOG", "reverse_log"])
            step = rng.choice([None, 2, 3, 8])
            return ("ask", kind, name, (low, high), {"step": step, "sampling": sampling, "default": rng.choice([None, low])})
        if kind == "Float":
            low = rng.choice([1e-4, 0.01, 0.1, 0.5, 1.0])
            sampling = rng.choice(["linear", "log", "reverse_log"])
            step = rng.choice([None, 0.1, 0.25]) if sampling == "linear" else rng.choice([None, 2, 10])
            return ("ask", kind, name, (low, low * rng.choice([1, 3, 100])), {"step": step, "sampling": sampling})
        if kind == "Choice":
            values = rng.choice([["x", "y"], [8, 16, 32], [1e-2, 1e-3], [True, False], ("t", "u")])
            return ("ask", kind, name, (values,), {"default": rng.choice([None, values[-1]])})
        if kind == "Boolean":
            return ("ask", kind, name, (), {"default": rng.random() < 0.5})
        return ("ask", kind, name, (rng.choice([1, 2.5, "fixed", True]),), {})


def _run(operations, hp, out, suffix=""):
    for operation in operations:
        if operation[0] == "ask":
            _, kind, name, args, kwargs = operation
            out.append(getattr(hp, kind)(name + suffix, *args, **kwargs))
        elif operation[0] == "scope":
            _, name, values, inside = operation
            with hp.conditional_scope(name, values):
                _run(inside, hp, out)
        elif operation[0] == "names":
            with hp.name_scope(operation[1]):
                _run(operation[2], hp, out)
        elif operation[0] == "loop":
            # Inactive: None, as a builder that guards its loop has it.
            for index in range(hp.values.get(hp._get_name(operation[1]), 0) or 0):
                _run(operation[2], hp, out, f"_{index}")
        elif hp.values.get(hp._get_name(operation[1])):
            _run(operation[2], hp, out)
