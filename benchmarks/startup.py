"""How long the command line takes to answer, against `python -c "import click"`, in turns, medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    'python -c "import click"': ["-c", "import click"],
    "cloud-nas --help": ["-m", "cloud_nas", "--help"],
    "cloud-nas status": ["-m", "cloud_nas", "status"],
}


def measure(rounds: int = 15) -> dict[str, float]:
    """The median wall seconds of each command over `rounds` rounds, all commands in turn in each round, one round unmeasured."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CLOUD_NAS_HOME": home}
        for number in range(rounds + 1):
            for name, arguments in COMMANDS.items():
                start = time.perf_counter()
                subprocess.run(
                    [sys.executable, *arguments],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=True,
                )
                if number:
                    seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Prints the medians and their ratios to importing Click alone."""
    medians = measure()
    base = next(iter(medians.values()))
    print("command\tseconds\tratio")
    for name, value in medians.items():
        print(f"{name}\t{value:.3f}\t{value / base:.2f}")
