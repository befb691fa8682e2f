"""`cloud-nas dashboard`: the study of a run in a browser."""

from __future__ import annotations

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options


@click.command()
@click.argument("run", required=False)
@click.option("--port", metavar="N", type=click.IntRange(1, 65535), help="Listen there; any free port by default.")
@common_options
def dashboard(run: str | None, port: int | None) -> None:
    """Show a run's study in a browser.

    Without RUN the newest one. It is Optuna's dashboard, read-only, on this machine's loopback; Ctrl-C ends it.
    """
    from cloud_nas.operations.dashboard import dashboard as ask

    with ask(run, port=port or 0) as found:
        click.echo(found.url)
        output.note(f"{found.run_id}, to look at; Ctrl-C ends it")
        try:
            found.serve()
        except KeyboardInterrupt:
            output.note("ended")
