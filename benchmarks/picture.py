"""Draws the README's pictures of a real run of the digits template, with two workers.

`docs/run.svg`: the live display, late in the run. `docs/report.png`: the top of its report, where Chromium is installed.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TURN = 17
"""After so many turns the display is drawn, at the first sixth epoch: promoted trials, with the best so far beside them."""

SIZE = (1265, 1500)
"""Pixels of the page that are shown."""


def main() -> None:
    """Runs the search in a home of its own and draws."""
    from rich.console import Console

    import cloud_nas
    from cloud_nas.cli.live import LiveDisplay
    from cloud_nas.cli.standing import Standing
    from cloud_nas.operations import events

    console = Console(record=True, file=io.StringIO(), force_terminal=True, width=96)
    display = LiveDisplay(Standing("accuracy", "maximize"), console)
    turns, drawn = 0, False

    def observe(event: events.Event) -> None:
        nonlocal turns, drawn
        display(event)
        turns += isinstance(event, events.TrialEnded)
        if not drawn and turns >= TURN and isinstance(event, events.EpochEnded) and event.epoch == 6:
            drawn = True
            console.print(display.render())

    with tempfile.TemporaryDirectory() as home:
        os.environ["CLOUD_NAS_HOME"] = home
        result = cloud_nas.run(ROOT / "templates" / "image" / "spec.yaml", observers=[observe], parallel=2)
        _report(result.run_id, Path(home))
    picture = re.sub(r"\s*@font-face \{.*?\}", "", console.export_svg(title="cloud-nas run spec.yaml"), flags=re.S)
    (ROOT / "docs" / "run.svg").write_text(picture, encoding="utf-8")
    print("docs/run.svg")


def _report(run_id: str, folder: Path) -> None:
    """Draws the top of the run's report."""
    import cloud_nas

    page, picture = folder / "report.html", ROOT / "docs" / "report.png"
    cloud_nas.report(run_id, html=page)
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no chromium: docs/report.png is left as it was")
        return
    size = ",".join(map(str, SIZE))
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={size}",
        f"--screenshot={picture}",
    ]
    subprocess.run([chromium, *options, f"--user-data-dir={folder / 'chromium'}", page.as_uri()], check=True, capture_output=True)
    print("docs/report.png")
