"""Draws `docs/run.svg`, the picture in the README: the live display of a real run of the digits template, late in it."""

from __future__ import annotations

import io
import os
import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TURN = 17
"""The turn whose sixth epoch is drawn: a promoted trial, with the best so far beside it."""


def main() -> None:
    """Runs the search in a home of its own and writes the picture."""
    from rich.console import Console

    import cloud_nas
    from cloud_nas.cli.live import LiveDisplay
    from cloud_nas.cli.standing import Standing
    from cloud_nas.operations import events

    console = Console(record=True, file=io.StringIO(), force_terminal=True, width=96)
    display = LiveDisplay(Standing("accuracy", "maximize"), console)
    turns = 0

    def observe(event: events.Event) -> None:
        nonlocal turns
        display(event)
        turns += isinstance(event, events.TrialEnded)
        if turns == TURN and isinstance(event, events.EpochEnded) and event.epoch == 6:
            console.print(display.render())

    with tempfile.TemporaryDirectory() as home:
        os.environ["CLOUD_NAS_HOME"] = home
        cloud_nas.run(ROOT / "templates" / "image" / "spec.yaml", observers=[observe])
    picture = re.sub(r"\s*@font-face \{.*?\}", "", console.export_svg(title="cloud-nas run spec.yaml"), flags=re.S)
    (ROOT / "docs" / "run.svg").write_text(picture, encoding="utf-8")
    print("docs/run.svg")
