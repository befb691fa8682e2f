"""Runs the benchmarks that the README quotes: `python -m benchmarks [NAME...]`; without a name, all of them."""

from __future__ import annotations

import importlib
import sys

NAMES = ("startup", "workers", "fashion", "picture", "compare", "compare-large")


def main(names: list[str]) -> int:
    """Runs each named benchmark in turn; 2 where a name is not one."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"error: no benchmark {', '.join(unknown)}\nhint: one of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        print(f"## {name}\n", flush=True)
        importlib.import_module(f"benchmarks.{name.replace('-', '_')}").main()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
