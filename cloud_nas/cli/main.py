"""The command `cloud-nas`: which commands there are, and nothing of what they do.

`--help` and `--version` are asked for far more often than anything else runs, so this file imports click and nothing more: a
command's module is imported when that command is called.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, NamedTuple

import click

from cloud_nas.cli.settings import Settings, common_options, profile_option, progress_option
from cloud_nas.cli.version import VERSION


class Entry(NamedTuple):
    """A command that is not imported yet: its module in `cloud_nas.cli`, and the line that `--help` shows."""

    module: str
    help: str


COMMANDS = {
    "init": Entry("init", "Write a starter spec that passes `check`."),
    "check": Entry("check", "Find the mistakes in a spec, all at once."),
    "explain": Entry("check", "Tell what a diagnostic means and how to mend it."),
    "schema": Entry("check", "Print the JSON Schema of the spec, for editors."),
    "plan": Entry("plan", "Show what would be made of a spec at a place, and send nothing."),
    "rehearse": Entry("rehearse", "Do the whole cloud job on this machine, offline."),
    "run": Entry("run", "Search, in the foreground, on this machine."),
    "submit": Entry("submit", "Search in the background, here or as a job in a cloud."),
    "status": Entry("runs", "List runs, and where they stand."),
    "wait": Entry("control", "Wait until runs have ended."),
    "logs": Entry("control", "Show what a run said, or says."),
    "cancel": Entry("control", "End runs, in whatever process they are at work."),
    "adopt": Entry("adopt", "Learn of one's runs in a cloud from its tags."),
    "orphans": Entry("adopt", "List jobs in a cloud that no run here knows."),
    "trials": Entry("runs", "List the trials of a run."),
    "show": Entry("runs", "Show a run, or one of its trials, in full."),
    "cost": Entry("money", "Tell what runs could cost, and did cost."),
    "prices": Entry("money", "List the prices that are known, or read them anew."),
    "compare": Entry("compare", "Tell which model is best on held-out rows, and how sure."),
    "export": Entry("export", "Write a model as Keras, SavedModel, TFLite or ONNX."),
    "report": Entry("report", "Write a page about runs, one HTML file."),
    "predict": Entry("models", "Predict for a file of raw rows or images."),
    "evaluate": Entry("models", "Score a model on rows whose answer is known."),
    "verify": Entry("models", "Check a model's files against its manifest."),
    "reproduce": Entry("reproduce", "Train the best of a run again, and compare."),
    "fetch": Entry("fetch", "Copy a run's model, every file verified."),
    "clean": Entry("clean", "Delete runs, after showing what they take."),
    "dashboard": Entry("dashboard", "Show a run's study in a browser."),
    "doctor": Entry("doctor", "Tell what works here, what does not, and what mends it."),
    "completion": Entry("completion", "Print a script that completes commands in your shell."),
}


class UnknownCommandError(click.UsageError):
    """There is no such command; `possibilities` are those with a similar name."""

    def __init__(self, name: str, ctx: click.Context) -> None:
        import difflib

        super().__init__(f"no such command: {name}", ctx)
        self.possibilities = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.74)


class LazyGroup(click.Group):
    """A group that knows its commands from `COMMANDS`, and the one place where a call's end becomes an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the command's module; None where there is no such command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"cloud_nas.cli.{entry.module}")
        command: click.Command = getattr(module, cmd_name)
        if ctx.resilient_parsing:
            importlib.import_module("cloud_nas.cli.completing").offer(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """What a shell is offered for a command's name, or for an option before it; imports no command."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        completion = importlib.import_module("click.shell_completion")
        entries = COMMANDS.items()
        return [completion.CompletionItem(name, help=entry.help) for name, entry in entries if name.startswith(incomplete)]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command, or names the one that was probably meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise UnknownCommandError(args[0], ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes a line a command without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs a command line and exits; whatever goes wrong on the way is told by `failures`.

        A command's return value is its exit status, None being 0.
        """
        settings = extra.setdefault("obj", Settings())
        extra = {"prog_name": "cloud-nas", **extra, "standalone_mode": False}
        try:
            status = super().main(*args, **extra)
        except BaseException as error:  # noqa: BLE001 - the one place where any end of a call becomes an exit status
            failures = importlib.import_module("cloud_nas.cli.failures")
            given = args[0] if args else extra.get("args")
            status = failures.report(error, settings, sys.argv[1:] if given is None else given)
        sys.exit(status or 0)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`cloud-nas COMMAND --help` tells more of a command.",
)
@click.version_option(VERSION, message="cloud-nas %(version)s")
@common_options
@progress_option
@profile_option
@click.pass_context
def main(context: click.Context) -> int | None:
    """Search hyperparameters and architectures from one spec, keep a tested model."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return 2
    return None
