"""What a shell is offered for a word that it completes: runs where a run is asked for, files where nothing else is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

from cloud_nas.errors import CloudNasError
from cloud_nas.home import run_folder, runs_folder

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def offer(command: click.Command) -> None:
    """Makes the arguments of `command` that are plain text complete to what their name says they are."""
    for parameter in command.params:
        if isinstance(parameter, click.Argument) and parameter.type is click.STRING:
            parameter.type = _Named()


class _Named(click.types.StringParamType):
    """Any text; offered is what the parameter's name stands for in all commands."""

    name = "text"
    _RUNS: ClassVar = {"run", "runs"}
    _MODELS: ClassVar = {"model", "folder"}

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Run ids, trials behind a slash, or the shell's own files."""
        from click.shell_completion import CompletionItem

        files = [CompletionItem(incomplete, type="file")]
        if param.name in self._RUNS:
            return _trials(incomplete) if "/" in incomplete else _runs(ctx.params.get(param.name), incomplete)
        if param.name in self._MODELS:
            return (_trials(incomplete) if "/" in incomplete else _runs((), incomplete)) or files
        return files


def _runs(given: object, incomplete: str) -> list[CompletionItem]:
    """The runs whose id begins so, the newest first, less those that the line names already."""
    from click.shell_completion import CompletionItem

    from cloud_nas.operations.status import status

    if not (runs_folder().parent / "registry.sqlite3").is_file():
        return []  # asking would make one
    try:
        found = status()
    except (CloudNasError, OSError):
        return []
    named = given if isinstance(given, tuple) else ()
    return [
        CompletionItem(one.run_id, help=f"{one.name}, {one.state}")
        for one in found
        if one.run_id.startswith(incomplete) and one.run_id not in named
    ]


def _trials(incomplete: str) -> list[CompletionItem]:
    """The trials of a run that have a folder, by number."""
    from click.shell_completion import CompletionItem

    run_id = incomplete.partition("/")[0]
    numbers = sorted(int(path.name) for path in (run_folder(run_id) / "trials").glob("*") if path.name.isdigit())
    return [CompletionItem(f"{run_id}/{number}") for number in numbers if f"{run_id}/{number}".startswith(incomplete)]
