"""Spaces are light: no TensorFlow, no Keras, no NumPy for the objects that a spec or a study needs."""

from __future__ import annotations

import subprocess
import sys


def test_the_objects_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "import local_engine.space.hp, local_engine.space.flat, local_engine.space.builder, local_engine.space.discovery\n"
        "import local_engine.space.capture\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'pandas', 'sklearn', 'optuna'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
        "space = local_engine.space.flat.Space.from_choices({'a': [1, 2]})\n"
        "assert local_engine.space.hp.bind(space, space.sample(1), 1).get('a') in (1, 2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
